// Programs in other languages, servers and a client, built into the folder `build` once and started from there. They check no token, know nothing of
// the gateway, and print their port. Where the tools are not there, or their registries cannot be reached, there is a reason
// instead of a server, except in CI, which must have them.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { RUST_TARGET } from '../interop/world/rust.ts'

const HERE = import.meta.dirname
const BUILD = join(HERE, '../../build/upstreams')
const BUILD_LIMIT_MS = 280_000

export interface ForeignServer {
  readonly url: string
  stop(): void
}

/** Runs a tool within a bounded time, in a folder of its own where that matters. */
export type RunTool = (command: string, args: readonly string[], cwd?: string) => Promise<void>

/** How to get a server's program: what to run, and what that command is built from. */
export interface Recipe {
  readonly name: string
  /** Files, from this folder on. When one of them changes, the program is built anew. */
  readonly sources: readonly string[]
  readonly build: (folder: string, run: RunTool) => Promise<void>
  readonly start: (folder: string) => readonly [command: string, ...args: string[]]
}

export const MCP_GO: Recipe = {
  name: 'mcp-go',
  sources: ['mcp-go/main.go', 'mcp-go/go.mod', 'mcp-go/go.sum'],
  build: async (folder, run) => {
    await run('go', ['build', '-o', join(folder, 'server'), '.'], join(HERE, 'mcp-go'))
  },
  start: (folder) => [join(folder, 'server')],
}

/** A client on go-sdk 1.8.0; its own folder says what it does. */
export const GO_SDK_CLIENT: Recipe = {
  name: 'go-sdk-client',
  sources: ['../clients/go-sdk/main.go', '../clients/go-sdk/go.mod', '../clients/go-sdk/go.sum'],
  build: async (folder, run) => {
    await run('go', ['build', '-o', join(folder, 'client'), '.'], join(HERE, '../clients/go-sdk'))
  },
  start: (folder) => [join(folder, 'client')],
}

/** The OTLP receiver of the OpenTelemetry Collector; its own folder says what it writes. */
export const OTLP_RECEIVER: Recipe = {
  name: 'otlp-receiver',
  sources: ['main.go', 'go.mod', 'go.sum'].map((file) => `../clients/otlp-receiver/${file}`),
  build: async (folder, run) => {
    await run('go', ['build', '-o', join(folder, 'receiver'), '.'], join(HERE, '../clients/otlp-receiver'))
  },
  start: (folder) => [join(folder, 'receiver')],
}

export const FASTMCP: Recipe = {
  name: 'fastmcp',
  sources: ['fastmcp/requirements.txt'],
  build: async (folder, run) => {
    await run('python3', ['-m', 'venv', '--clear', join(folder, 'venv')])
    await run(join(folder, 'venv/bin/pip'), ['install', '-q', '-r', join(HERE, 'fastmcp/requirements.txt')])
  },
  start: (folder) => [join(folder, 'venv/bin/python'), join(HERE, 'fastmcp/server.py')],
}

/** The same packages, with a program over standard streams. */
export const PYTHON_STDIO = (file: string): Recipe => ({
  ...FASTMCP,
  start: (folder) => [join(folder, 'venv/bin/python'), join(HERE, 'stdio', file)],
})

export const GO_STDIO: Recipe = {
  name: 'go-sdk-stdio',
  sources: ['stdio/go/main.go', 'stdio/go/go.mod', 'stdio/go/go.sum'],
  build: async (folder, run) => {
    await run('go', ['build', '-o', join(folder, 'server'), '.'], join(HERE, 'stdio/go'))
  },
  start: (folder) => [join(folder, 'server')],
}

/** What a reader of lines is; the programs are only readers, on no SDK. */
export const PYTHON_READER = (kind: 'text' | 'splitlines'): Recipe => ({
  name: 'python-reader',
  sources: ['stdio/readers/reader.py'],
  build: (_, run) => run('python3', ['--version']),
  start: () => ['python3', join(HERE, 'stdio/readers/reader.py'), kind],
})

export const GO_SCANNER: Recipe = {
  name: 'go-scanner',
  sources: ['stdio/readers/go/main.go', 'stdio/readers/go/go.mod'],
  build: async (folder, run) => {
    await run('go', ['build', '-o', join(folder, 'reader'), '.'], join(HERE, 'stdio/readers/go'))
  },
  start: (folder) => [join(folder, 'reader')],
}

const RUST = '../interop/world/rust'

/** The server of the table of SDKs, on rmcp. */
export const RUST_STDIO: Recipe = {
  name: 'rmcp-stdio',
  sources: ['Cargo.toml', 'Cargo.lock', 'src/bin/server/main.rs', 'src/bin/server/tools.rs'].map((file) =>
    join(RUST, file),
  ),
  build: async (_, run) => {
    const options = ['--locked', '--quiet', '--bin', 'server', '--target-dir', RUST_TARGET]
    await run('cargo', ['build', ...options], join(HERE, RUST))
  },
  start: () => [join(RUST_TARGET, 'debug/server'), 'stdio'],
}

const bounded: RunTool = async (command, args, cwd = HERE) => {
  await promisify(execFile)(command, args, { cwd, timeout: BUILD_LIMIT_MS })
}

/** The running server, or why there is none. */
export async function startForeign(recipe: Recipe): Promise<ForeignServer | string> {
  const built = await buildForeign(recipe)
  return typeof built === 'string' ? built : await listening(built.program)
}

/** What to run, or why it is not there. */
export async function buildForeign(
  recipe: Recipe,
): Promise<{ readonly program: readonly [command: string, ...args: string[]] } | string> {
  const folder = join(BUILD, recipe.name)
  const stamp = join(folder, 'built-from')
  const sources = recipe.sources.map((file) => readFileSync(resolve(HERE, file), 'utf8')).join('\n')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sources) {
    mkdirSync(folder, { recursive: true })
    try {
      await recipe.build(folder, bounded)
    } catch (error) {
      if (process.env['CI'] === 'true') throw error
      return `${recipe.name} cannot be built here: ${String(error).split('\n')[0]}`
    }
    writeFileSync(stamp, sources)
  }
  return { program: recipe.start(folder) }
}

async function listening([command, ...args]: readonly [
  command: string,
  ...args: string[],
]): Promise<ForeignServer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${command} ended`)))
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
  })
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => void child.kill('SIGKILL') }
}
