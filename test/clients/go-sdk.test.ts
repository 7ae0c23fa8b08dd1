// The official Go SDK as a client (go-sdk 1.8.0) at the TypeScript reference server (server-everything 2026.8.31), which
// names its session on every answer. The client gives a session up when its id is not the one of the beginning.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { buildForeign, GO_SDK_CLIENT } from '../upstreams/foreign.ts'

const PATIENCE_MS = 300_000
const PROGRAM = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-everything/dist/index.js',
)

let gateway: TestGateway | undefined
let reason: string | undefined
let program: readonly [string, ...string[]]
let serverUrl = ''
let stop: () => Promise<unknown>
beforeAll(async () => {
  const built = await buildForeign(GO_SDK_CLIENT)
  if (typeof built === 'string') {
    reason = built
    console.warn(`skipped: ${reason}`)
    return
  }
  program = built.program
  const port = await freePort()
  const server = spawn(process.execPath, [PROGRAM, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  stop = () => {
    server.kill('SIGKILL')
    return once(server, 'exit')
  }
  await once(server.stderr, 'data')
  await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), 15_000)
  serverUrl = `http://127.0.0.1:${port}/mcp`
  gateway = await startTestGateway({
    upstreamUrl: serverUrl,
    policy: '\n      rules:\n        - { name: echo, tools: [echo], scopes: [a] }',
  })
}, PATIENCE_MS)
afterAll(async () => {
  await gateway?.close()
  await stop?.()
})

async function use(url: string, token: string): Promise<unknown> {
  const [command, ...args] = program
  const { stdout } = await promisify(execFile)(command, [...args, '-url', url, '-calls', '3'], {
    env: { ...process.env, TOKEN: token },
  })
  return JSON.parse(stdout)
}

describe('go-sdk 1.8.0 at the reference server', () => {
  test('makes three calls without the gateway', async (context) => {
    if (reason !== undefined) return context.skip(reason)
    expect(await use(serverUrl, '')).toEqual({ connected: true, calls: 3 })
  })

  test('S40 LEG-02 makes three calls through the gateway: its session has one id', async (context) => {
    if (reason !== undefined) return context.skip(reason)
    expect(await use(gateway?.resource ?? '', gateway?.token() ?? '')).toEqual({ connected: true, calls: 3 })
  })
})
