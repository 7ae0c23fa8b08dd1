// Starts the demo's MCP server: the published reference server, unmodified, as a child process on loopback.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import type { DemoPackages } from './packages.ts'

const START_TIMEOUT_MS = 20_000
const MAX_GREETING_CHARS = 64 * 1024

export interface DemoUpstream {
  /** The MCP endpoint. */
  readonly url: string
  close(): Promise<void>
}

/** `execPath` is the Node binary. Throws when the server does not come up. */
export async function startDemoUpstream(execPath: string, packages: DemoPackages): Promise<DemoUpstream> {
  const server = packages.resolve('@modelcontextprotocol/server-everything/dist/index.js')
  // Beside this file and in the same form, .ts from the sources and .js when built.
  const preload = new URL(`bind-loopback${extname(import.meta.url)}`, import.meta.url).href
  const child = spawn(execPath, ['--import', preload, server, 'streamableHttp'], {
    env: {}, // the server shows its environment to whoever may call get-env
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const close = () => end(child)
  try {
    return { url: `http://127.0.0.1:${await portOf(child)}/mcp`, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function portOf(child: ChildProcess): Promise<string> {
  const output = child.stdout
  if (output === null) throw new Error('the MCP server has no output')
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS)
  let greeting = ''
  output.setEncoding('utf8')
  output.on('data', (text: string) => {
    greeting = (greeting + text).slice(0, MAX_GREETING_CHARS)
  })
  const ended = once(child, 'exit', { signal: deadline }).then(() => {
    throw new Error('the MCP server ended before it listened')
  })
  ended.catch(() => undefined)
  for (;;) {
    const port = /^loopback port (\d+)$/m.exec(greeting)?.[1]
    if (port !== undefined) return port
    await Promise.race([once(output, 'data', { signal: deadline }), ended])
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL') // it holds nothing worth a goodbye
  await exited
}
