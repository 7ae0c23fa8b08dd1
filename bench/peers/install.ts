// The peers, from public packages in exact versions, into build/peers: each by the ordinary client of its registry. One
// that cannot be had is left out with a reason.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const FOLDER = join(import.meta.dirname, '..', '..', 'build', 'peers')
const LIMIT_MS = 600_000

const OAUTH2_PROXY = '7.15.6'
const FASTMCP = '3.4.11'
const CONTEXT_FORGE = '1.0.7.post20260921'
const MCP_AUTH = '0.2.0'

export interface Peer {
  readonly name: string
  /** Below FOLDER; its being there means that the peer is installed. */
  readonly program: string
  readonly install: (folder: string) => void
}

export const PEERS = {
  oauth2Proxy: {
    name: `oauth2-proxy ${OAUTH2_PROXY}`,
    program: `oauth2-proxy-${OAUTH2_PROXY}/oauth2-proxy`,
    install: (folder) => {
      const module = `github.com/oauth2-proxy/oauth2-proxy/v7@v${OAUTH2_PROXY}`
      run('go', ['install', module], FOLDER, { GOBIN: folder })
    },
  },
  fastmcp: python('FastMCP proxy', 'fastmcp', FASTMCP, 'python'),
  contextForge: python('ContextForge', 'mcp-contextforge-gateway', CONTEXT_FORGE, 'mcpgateway'),
  mcpAuth: {
    name: `mcp-auth ${MCP_AUTH} in Express`,
    program: `mcp-auth-${MCP_AUTH}/node_modules/mcp-auth`,
    install: (folder) => {
      writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
      run(
        'npm',
        ['install', '--no-audit', '--no-fund', '--save-exact', `mcp-auth@${MCP_AUTH}`, 'express@5.3.0'],
        folder,
      )
    },
  },
} as const satisfies Readonly<Record<string, Peer>>

function python(name: string, distribution: string, version: string, program: string): Peer {
  return {
    name: `${name} ${version.split('.post')[0]}`,
    program: `${distribution}-${version}/venv/bin/${program}`,
    install: (folder) => {
      run('python3', ['-m', 'venv', '--clear', 'venv'], folder)
      run(join(folder, 'venv/bin/pip'), ['install', '-q', `${distribution}==${version}`], folder)
    },
  }
}

/** The full path of its program, or why it is not there. */
export function installed({ name, program, install }: Peer): { readonly path: string } | string {
  const path = join(FOLDER, program)
  if (existsSync(path)) return { path }
  const folder = join(FOLDER, program.split('/')[0] ?? '')
  console.log(`installing ${name} (once)`)
  try {
    mkdirSync(folder, { recursive: true })
    install(folder)
  } catch (error) {
    return `${name} cannot be installed here: ${String(error).split('\n')[0]}`
  }
  return existsSync(path) ? { path } : `${name} brought no ${program}`
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): void {
  execFileSync(command, args, { cwd, env: { ...process.env, ...env }, timeout: LIMIT_MS, stdio: 'pipe' })
}
