// H rows about one connection with several requests on it: each answer belongs to its own request, each request to
// its own caller, and what was refused never becomes the next request.
import dns from 'node:dns'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Aim, ALLOWED, aimAt, DANGER, expectRefused, post } from '../support/attack.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { sendJson } from '../support/upstream.ts'
import { fieldOf, overWire } from '../support/wire.ts'

let gateway: TestGateway
let aim: Aim
beforeAll(async () => {
  gateway = await startTestGateway()
  aim = aimAt(gateway)
})
afterAll(() => gateway.close())

const anonymous = (to: Aim): Aim => ({ ...to, head: `Host: ${to.host}\r\n` })
const as = (token: string): Aim => ({ ...aim, head: aim.head.replace(aim.token, token) })
const idOf = (body: string) => (JSON.parse(body) as { id?: unknown }).id

test.each(['GET', 'DELETE'])(
  'H06, M54: a %s with a body is refused and its body is no request',
  async (method) => {
    const inner = post(aim)
    const bytes = `${method} /mcp/a HTTP/1.1\r\n${aim.head}Content-Length: ${inner.length}\r\n\r\n${inner}`
    const before = gateway.upstream.received.length
    const answers = await overWire(gateway.origin, bytes)
    expect(answers.map(({ status }) => status)).toEqual([400])
    expect(gateway.upstream.received.length).toBe(before)
  },
)

test('M54: a DELETE with a chunked body', async () => {
  const bytes = `DELETE /mcp/a HTTP/1.1\r\n${aim.head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
  await expectRefused(gateway, bytes, 400)
})

test('H07: the body of a request that was refused early is not the next request', async () => {
  const inner = post(aim, '', DANGER)
  const bytes = post(anonymous(aim), '', inner) + post(aim)
  const before = gateway.upstream.received.length
  const answers = await overWire(gateway.origin, bytes, 2)
  expect(answers.map(({ status }) => status)).toEqual([401, 200])
  expect(gateway.upstream.received.length).toBe(before + 1)
  expect(gateway.upstream.received.at(-1)?.body.toString()).toBe(ALLOWED)
})

test('H08: a body is asked for only when it will be read', async () => {
  const head = (to: Aim) =>
    post(to, 'Expect: 100-continue\r\n', '').replace('Content-Length: 0', 'Content-Length: 9')
  const [answer] = await overWire(gateway.origin, head(anonymous(aim)), 1)
  expect(answer?.status).toBe(401)
  const [asked] = await overWire(gateway.origin, post(aim, 'Expect: 100-Continue\r\n'), 1)
  expect(asked?.status).toBe(200)
})

test('H08: an expectation on a GET without a body is answered without one', async () => {
  gateway.upstream.respond = (_request, response) => sendJson(response, 405, { error: 'no stream' })
  const [answer] = await overWire(
    gateway.origin,
    `GET /mcp/a HTTP/1.1\r\n${aim.head}Expect: 100-continue\r\n\r\n`,
    1,
  )
  expect(answer?.status).toBe(405)
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('expect')
})

test.each([
  ['websocket', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'],
  ['h2c', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'],
  ['TLS', 'Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n'],
])('H41: an upgrade to %s is no way around the token', async (_protocol, lines) => {
  await expectRefused(gateway, `GET /mcp/a HTTP/1.1\r\nHost: ${aim.host}\r\n${lines}\r\n`, 401)
  await expectRefused(gateway, post(anonymous(aim), lines), 401)
})

test('H43: pipelined requests are answered in order, each for its own caller', async () => {
  const slow = Promise.withResolvers<void>()
  gateway.upstream.respond = async (request, response) => {
    const id = idOf(request.body.toString())
    if (id === 'first') await slow.promise
    sendJson(response, 200, { jsonrpc: '2.0', id, result: { subject: request.headers['x-mcp-subject'] } })
  }
  const one = as(gateway.token('a', { sub: 'one' }))
  const two = as(gateway.token('a', { sub: 'two' }))
  const bytes =
    post(one, '', JSON.stringify(toolCall('safe', 'first'))) +
    post(anonymous(aim)) +
    post(two, '', JSON.stringify(toolCall('safe', 'third')))
  const answers = overWire(gateway.origin, bytes, 3)
  const subjects = () => gateway.upstream.received.map(({ headers }) => headers['x-mcp-subject'])
  await vi.waitFor(() => expect(subjects()).toContain('two')) // on a connection of its own, so maybe before the first
  slow.resolve()
  const [first, second, third] = await answers
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ id: 'first', result: { subject: 'one' } })
  expect(second?.status).toBe(401)
  expect(JSON.parse(third?.body ?? '')).toMatchObject({ id: 'third', result: { subject: 'two' } })
})

test('H44: a connection remembers no identity', async () => {
  const bytes = post(aim) + post(as(gateway.token('a', { sub: 'other' }))) + post(anonymous(aim))
  const before = gateway.upstream.received.length
  const answers = await overWire(gateway.origin, bytes, 3)
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401])
  const subjects = gateway.upstream.received.slice(before).map(({ headers }) => headers['x-mcp-subject'])
  expect(subjects.sort()).toEqual(['other', 'user-1'])
})

test('H49: an upstream name that resolves to a link-local address is never called', async () => {
  const rebound = await startTestGateway({
    auditRequired: true,
    policy: `
      rules: [{ tools: [safe] }]
  - name: b
    path: /mcp/b
    upstream: http://rebound.example/mcp
    issuers: [as1]
    policy: { rules: [{ tools: [safe] }] }`,
  })
  vi.spyOn(dns, 'lookup').mockImplementation(((...sent: unknown[]) => {
    const callback = sent.at(-1) as (error: null, addresses: object[]) => void
    callback(null, [{ address: '169.254.169.254', family: 4 }])
  }) as unknown as typeof dns.lookup)
  const token = rebound.token('a', { aud: `${rebound.origin}/mcp/b` })
  const response = await rebound.post(toolCall('safe'), { authorization: `Bearer ${token}` }, '/mcp/b')
  expect(response.status).toBe(502)
  expect(await response.text()).not.toMatch(/169|rebound/)
  await vi.waitFor(() =>
    expect(rebound.audit().at(-1)).toMatchObject({ reason: 'upstream_unreachable', detail: 'EFORBIDDEN' }),
  )
  await rebound.close()
})

test('H55: what a bad token says is not repeated', async () => {
  const token = gateway.token('a', { iss: 'https://evil.example/"x', sub: 'evil' })
  const answer = await expectRefused(gateway, post(as(token)), 401)
  expect(fieldOf(answer, 'www-authenticate')).not.toContain('evil')
  expect(JSON.parse(answer.body)).toEqual({
    error: 'invalid_token',
    error_description: 'The access token is invalid',
  })
})

test('H57: nothing is ever redirected', async () => {
  for (const path of ['//evil', '/mcp', '/.well-known', '/.well-known/oauth-protected-resource/mcp/b']) {
    const [answer] = await overWire(gateway.origin, `GET ${path} HTTP/1.1\r\nHost: evil.example\r\n\r\n`, 1)
    expect(answer?.status).toBeGreaterThanOrEqual(400)
    expect(fieldOf(answer, 'location')).toBeUndefined()
  }
})
