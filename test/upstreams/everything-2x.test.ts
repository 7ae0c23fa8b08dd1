// The test server serves both eras on one endpoint. What it serves is the official suite's business.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningServer, startEverything } from './everything-2x.ts'

let server: RunningServer

beforeAll(async () => {
  server = await startEverything()
})

afterAll(async () => {
  await server.close()
})

it.each([
  { mode: 'auto' as const, version: '2026-07-28', sessions: false },
  { mode: 'legacy' as const, version: '2025-11-25', sessions: true },
])('ERA-01: a client in $mode mode speaks $version', async ({ mode, version, sessions }) => {
  const transport = new StreamableHTTPClientTransport(new URL(server.url))
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  const { content } = await client.callTool({ name: 'test_simple_text', arguments: {} })
  expect(content).toEqual([{ type: 'text', text: 'This is a simple text response for testing.' }])
  expect(transport.protocolVersion).toBe(version)
  expect(transport.sessionId !== undefined).toBe(sessions)
  await client.close()
})

it('ORG-02: a foreign Host is refused', async () => {
  const reply = await fetch(server.url, { method: 'POST', headers: { origin: 'https://evil.example' } })
  expect(reply.status).toBe(403)
})
