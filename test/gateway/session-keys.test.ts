// What a session id outlives: a reload, and a process, when both have the same key. And what is never shared between
// callers of one upstream: answers, subjects and connections.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy } from '../support/messages.ts'
import { startSibling } from '../support/sibling.ts'
import { echoResult, sendJson } from '../support/upstream.ts'

const KEY = {
  top: `session_key: "\${SESSION_KEY}"`,
  env: { SESSION_KEY: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T' },
}

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway(KEY)
})
afterAll(() => gateway.close())

async function begin(): Promise<string> {
  gateway.upstream.respond = (request, response) => {
    if (request.headers['mcp-session-id'] === undefined) response.setHeader('mcp-session-id', 'up-1')
    echoResult(request, response)
  }
  const response = await gateway.post(legacy('initialize', { protocolVersion: '2025-11-25' }).body)
  return response.headers.get('mcp-session-id') ?? ''
}

test.each([
  ['the same key: it is the same session', KEY, 200],
  ['a key of its own: it is unknown', {}, 404],
])('SES-04 F13 K17 another process with %s', async (_, options, status) => {
  const id = await begin()
  const sibling = await startSibling(gateway, options)
  const before = gateway.upstream.received.length
  const { body, headers } = callOf('legacy')
  const response = await fetch(`${sibling.origin}/mcp/a`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      authorization: `Bearer ${gateway.token()}`,
      'mcp-session-id': id,
    },
    body: JSON.stringify(body),
  })
  await sibling.close(0)
  expect(response.status).toBe(status)
  const seen = gateway.upstream.received.slice(before)
  expect(seen.map((request) => request.headers['mcp-session-id'])).toEqual(status === 200 ? ['up-1'] : [])
})

test('S40 another process with the same key names a session alike', async () => {
  const id = await begin()
  gateway.upstream.respond = (request, response) => {
    response.setHeader('mcp-session-id', 'up-1')
    echoResult(request, response)
  }
  const sibling = await startSibling(gateway, KEY)
  const begun = await fetch(`${sibling.origin}/mcp/a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.token()}` },
    body: JSON.stringify(legacy('initialize', { protocolVersion: '2025-11-25' }).body),
  })
  await sibling.close(0)
  expect(begun.headers.get('mcp-session-id')).toBe(id)
})

test('S17 L20 SES-07 many callers, one id: every answer goes to who asked, as who asked', async () => {
  gateway.upstream.respond = (request, response) => {
    const subject = request.headers['x-mcp-subject']
    setImmediate(() => sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { subject } }))
  }
  const { body, headers } = callOf('legacy')
  const callers = Array.from({ length: 40 }, (_, index) => {
    const subject = `user-${index}`
    return { subject, authorization: `Bearer ${gateway.token('a', { sub: subject })}` }
  })
  for (let round = 0; round < 10; round += 1) {
    const answers = callers.map(async ({ authorization }) => {
      const response = await gateway.post(body, { ...headers, authorization })
      return ((await response.json()) as { result: { subject: string } }).result.subject
    })
    expect(await Promise.all(answers)).toEqual(callers.map(({ subject }) => subject))
  }
})

test('L19 an answer with another id reaches nobody', async () => {
  gateway.upstream.respond = (_request, response) =>
    sendJson(response, 200, { jsonrpc: '2.0', id: 99, result: {} })
  const { body, headers } = callOf('legacy')
  expect((await gateway.post(body, headers)).status).toBe(502)
})
