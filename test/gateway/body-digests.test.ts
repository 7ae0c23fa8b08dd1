// Digests that an upstream sends of a body (RFC 9530) go on with the very bytes, and never where the gateway may change them:
// they would be wrong, and tell of what was taken out.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy, modern, type Sendable } from '../support/messages.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const DIGESTS = {
  'content-digest': 'sha-256=:a:',
  'repr-digest': 'sha-256=:b:',
  'unencoded-digest': 'sha-256=:c:',
  digest: 'sha-256=d',
  'content-md5': 'e',
}

const RESULT = '{"jsonrpc":"2.0","id":1,"result":{}}'
const LARGE = `{"jsonrpc":"2.0","id":1,"result":{"text":"${'x'.repeat(100_000)}"}}`
const NOTIFICATION: Sendable = {
  body: { jsonrpc: '2.0', method: 'notifications/initialized' },
  headers: legacy('ping').headers,
}
const JSON_TYPE = 'application/json'
const read = modern('resources/read', { uri: 'file:///pub/a' }, { name: 'file:///pub/a' })

interface Case {
  readonly what: string
  readonly asked: Sendable
  readonly status?: number
  readonly type?: string
  readonly body?: string
  readonly stay: boolean
}

const CASES: readonly Case[] = [
  { what: 'a call', asked: callOf('legacy'), stay: true },
  { what: 'a call of 2026-07-28', asked: callOf('modern'), stay: true },
  { what: 'a large answer to a call', asked: callOf('modern'), body: LARGE, stay: true },
  { what: 'an error without JSON', asked: callOf('modern'), status: 500, type: 'text/plain', stay: true },
  { what: 'a list', asked: modern('tools/list'), stay: false },
  { what: 'an answer that may say how long it is kept', asked: read, stay: false },
  { what: 'a large one of these', asked: read, body: LARGE, stay: false },
  { what: 'an error instead of a list', asked: modern('tools/list'), status: 500, stay: false },
  { what: 'an error that is too large', asked: callOf('legacy'), status: 500, body: LARGE, stay: false },
  { what: 'a body that stays behind', asked: NOTIFICATION, status: 202, stay: false },
  {
    ...{ what: 'events', asked: callOf('legacy'), stay: false },
    ...{ type: 'text/event-stream', body: `data: ${RESULT}\n\n` },
  },
]

test.each(CASES)('L90 $what', async ({ asked, status = 200, type = JSON_TYPE, body = RESULT, stay }) => {
  gateway.upstream.respond = (_request, response) =>
    void response.writeHead(status, { 'content-type': type, ...DIGESTS }).end(body)
  const answer = await gateway.post(asked.body, asked.headers)
  expect(answer.status).toBe(status)
  await answer.arrayBuffer()
  const got = Object.fromEntries(
    Object.keys(DIGESTS).flatMap((name) => {
      const value = answer.headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
  expect(got).toEqual(stay ? DIGESTS : {})
})
