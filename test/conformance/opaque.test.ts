// TOK-12 over the socket: an opaque token is what the authorization server says of it, and then what we check.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { ask, MODERN, toolCallOf } from './revision.ts'

let gateway: TestGateway
let count = 0
beforeAll(async () => {
  gateway = await startTestGateway({
    issuer: `    validation: jwt_else_introspection
    introspection: { client_id: gateway, client_secret: "\${INTROSPECTION_SECRET}" }`,
    env: { INTROSPECTION_SECRET: 'x'.repeat(32) },
  })
})
afterAll(() => gateway.close())
beforeEach(() => {
  count += 1
})

function active(over: object = {}): object {
  const exp = Math.floor(Date.now() / 1_000) + 600
  const usual = { iss: gateway.issuer.url, sub: 'user-1', aud: gateway.resource, client_id: 'client-1', exp }
  return { active: true, ...usual, scope: 'a', ...over }
}

/** A new opaque token each time, about which the issuer says this. */
function check(answer: object) {
  gateway.issuer.introspect = () => answer
  return ask(gateway, toolCallOf(MODERN), { authorization: `Bearer opaque-${count}` })
}

test('TOK-12 an active token with our audience is accepted', async () => {
  const { status, seen } = await check(active())
  expect(status).toBe(200)
  expect(seen[0]?.headers).toMatchObject({ 'x-mcp-subject': 'user-1', 'x-mcp-scopes': 'a' })
})

test.each([
  ['inactive', { active: false }],
  ['another audience', active.bind(undefined, { aud: 'https://other.example' })],
  ['another issuer', active.bind(undefined, { iss: 'https://other.example' })],
  ['expired', active.bind(undefined, { exp: 1 })],
  ['no expiry', active.bind(undefined, { exp: undefined })],
  ['active as a word', active.bind(undefined, { active: 'true' })],
] as const)('TOK-12 %s is a 401', async (_, answer) => {
  const { status, seen } = await check(typeof answer === 'function' ? answer() : answer)
  expect([status, seen]).toEqual([401, []])
})

test('TOK-12 a missing scope is still a 403', async () => {
  expect((await check(active({ scope: '' }))).status).toBe(403)
})

test('TOK-12 one question for a token that is used twice', async () => {
  const before = gateway.issuer.requests.introspection
  await check(active())
  await check(active())
  expect(gateway.issuer.requests.introspection).toBe(before + 1)
})

test('TOK-12 CHL-16 an issuer that cannot be asked is a 503', async () => {
  gateway.issuer.faults.introspection = 'reset'
  const { status, headers, seen } = await check(active())
  delete gateway.issuer.faults.introspection
  expect([status, seen]).toEqual([503, []])
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
})
