// A published server of the 2024-11-05 transport behind the gateway, used by the official client of that transport.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort, startTestGateway, type TestGateway } from '../support/gateway.ts'

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
