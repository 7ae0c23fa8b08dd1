// L45: a list comes only where one was asked for, on a GET stream, or where a stream is resumed; and what it comes in is
// something that can be filtered.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const JSON_TYPE = { 'content-type': 'application/json' }
const EVENTS = { 'content-type': 'text/event-stream' }
const LIST = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"danger"}]}}'

async function post(method: string, answer: (response: ServerResponse) => unknown, more = {}) {
  gateway.upstream.respond = (_request, response) => answer(response)
  const params = method === 'tools/call' ? { name: 'safe', arguments: {} } : {}
  const { body, headers } = legacy(method, params)
  return await gateway.post(body, { ...headers, ...more })
}

async function get(answer: (response: ServerResponse) => unknown) {
  gateway.upstream.respond = (_request, response) => answer(response)
  return await fetch(gateway.resource, { headers: { authorization: `Bearer ${gateway.token()}` } })
}

describe('L45 a list', () => {
  test.each([
    ['an array', '[{"name":"danger"}]'],
    ['text', '"danger"'],
    ['a number', '7'],
  ])('whose result is %s is withheld', async (_, result) => {
    const body = LIST.replace('{"tools":[{"name":"danger"}]}', result)
    const response = await post('tools/list', (upstream) => upstream.writeHead(200, JSON_TYPE).end(body))
    expect(response.status).toBe(502)
    const streamed = await post('tools/list', (upstream) => {
      upstream.writeHead(200, EVENTS).end(`data: ${body}\n\n`)
    })
    expect(await streamed.text()).not.toContain('danger')
    const got = await get((upstream) => upstream.writeHead(200, EVENTS).end(`data: ${body}\n\n`))
    expect(await got.text()).not.toContain('danger')
  })

  test('in the answer to a call is nobody’s', async () => {
    const response = await post('tools/call', (upstream) => upstream.writeHead(200, JSON_TYPE).end(LIST))
    expect(response.status).toBe(502)
    const escaped = LIST.replace('tools', '\\u0074ools')
    expect(
      (await post('tools/call', (upstream) => upstream.writeHead(200, JSON_TYPE).end(escaped))).status,
    ).toBe(502)
    const streamed = await post('tools/call', (upstream) =>
      upstream.writeHead(200, EVENTS).end(`data: ${LIST}\n\n`),
    )
    expect(await streamed.text()).toMatch(/^event: message\ndata: \{"jsonrpc":"2.0","id":1,"error":/)
    const large = LIST.replace('"tools"', `"a":"${'x'.repeat(400_000)}","tools"`)
    await expect(
      post('tools/call', (upstream) => upstream.writeHead(200, JSON_TYPE).end(large)).then((cut) =>
        cut.text(),
      ),
    ).rejects.toThrow()
  })

  test('that a call only speaks of passes', async () => {
    const text = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ text: '"tools":[1]', tools: [1] }] },
    })
    const response = await post('tools/call', (upstream) => upstream.writeHead(200, JSON_TYPE).end(text))
    expect(await response.text()).toBe(text)
  })
})

describe('L45 a GET', () => {
  test.each([
    ['JSON', 200, JSON_TYPE],
    ['text', 200, { 'content-type': 'text/plain' }],
    ['no type', 202, {}],
  ])('answered with %s is a 405, as by a server without streams', async (_, status, headers) => {
    const response = await get((upstream) => upstream.writeHead(status, headers).end(LIST))
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, DELETE'])
    expect(await response.text()).not.toContain('danger')
  })

  test('that fails keeps its status, and no list', async () => {
    const response = await get((upstream) => upstream.writeHead(503, JSON_TYPE).end(LIST))
    expect([response.status, await response.text()]).toEqual([503, ''])
  })
})

test('L45 a DELETE brings a status and nothing else', async () => {
  gateway.upstream.respond = (_request, response) => response.writeHead(200, JSON_TYPE).end(LIST)
  const headers = { authorization: `Bearer ${gateway.token()}` }
  const response = await fetch(gateway.resource, { method: 'DELETE', headers })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('L45 only a GET resumes a stream', async () => {
  await post('tools/call', (upstream) => upstream.writeHead(200, EVENTS).end(), { 'last-event-id': '3' })
  expect(gateway.upstream.received.at(-1)?.headers['last-event-id']).toBeUndefined()
})
