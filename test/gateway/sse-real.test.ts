// A published server of the 2024-11-05 transport behind the gateway (server-everything 2026.8.31), used by the official
// clients of that transport: SDK 1.32.2, and SDK 2.4.0, which asks for 2026-07-28 first.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Client as ClientV2, SSEClientTransport as SseV2 } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const PROGRAM = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-everything/dist/index.js',
)

let gateway: TestGateway
let stop: () => Promise<unknown>
beforeAll(async () => {
  const port = await freePort()
  const server = spawn(process.execPath, [PROGRAM, 'sse'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  stop = () => {
    server.kill('SIGKILL')
    return once(server, 'exit')
  }
  await once(server.stderr, 'data')
  await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), 15_000)
  gateway = await startTestGateway({
    transport: 'sse',
    upstreamUrl: `http://127.0.0.1:${port}/sse`,
    policy: '\n      rules:\n        - { name: echo, tools: [echo], scopes: [a] }',
  })
})
afterAll(async () => {
  await gateway?.close()
  await stop?.()
})

test('SSE-01 SSE-02 SSE-08 the client sees one tool, calls it, and is denied another', async () => {
  const authorization = `Bearer ${gateway.token()}`
  const transport = new SSEClientTransport(new URL(gateway.resource), {
    requestInit: { headers: { authorization } },
    eventSourceInit: {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization } }),
    },
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo'])
  const answer = await client.callTool({ name: 'echo', arguments: { message: 'ahoy' } })
  expect(JSON.stringify(answer)).toContain('ahoy')
  await expect(client.callTool({ name: 'get-env', arguments: {} })).rejects.toThrow(/403/)
  await client.close()
})

test('SSE-09 a client that asks for a later revision first goes on with this one', async () => {
  const headers = { authorization: `Bearer ${gateway.token()}` }
  const transport = new SseV2(new URL(gateway.resource), { requestInit: { headers } })
  const client = new ClientV2({ name: 'test', version: '2' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(transport)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo'])
  const answer = await client.callTool({ name: 'echo', arguments: { message: 'ahoy' } })
  expect(JSON.stringify(answer)).toContain('ahoy')
  await client.close()
})
