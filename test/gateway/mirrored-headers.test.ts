// Headers that repeat the body reach the upstream only where the revision and the method have them: a proxy behind the
// gateway may route by them, and before 2026-07-28 they are whatever the client writes. The gateway compares method and
// name; `Mcp-Param-*` the server does, which knows the schema.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, modern, type Sendable } from '../support/messages.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

async function seen({ body, headers }: Sendable, more: Readonly<Record<string, string>>) {
  expect((await gateway.post(body, { ...headers, ...more })).status).toBe(200)
  const names = ['mcp-method', 'mcp-name', 'mcp-param-region']
  return names.map((name) => gateway.upstream.received.at(-1)?.headers[name])
}

const FALSE = { 'mcp-name': 'danger', 'mcp-method': 'tools/list', 'mcp-param-region': 'eu' }

test('L74 before 2026-07-28: none of them', async () => {
  expect(await seen(callOf('legacy'), FALSE)).toEqual([undefined, undefined, undefined])
})

test('L74 2026-07-28: no name and no argument for a method that has none', async () => {
  const more = { 'mcp-name': 'danger', 'mcp-param-region': 'eu' }
  expect(await seen(modern('tools/list'), more)).toEqual(['tools/list', undefined, undefined])
})

test('L74 2026-07-28: all of a call', async () => {
  expect(await seen(callOf('modern'), { 'mcp-param-region': 'eu' })).toEqual(['tools/call', 'safe', 'eu'])
})
