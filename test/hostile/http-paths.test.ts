// H rows about the request target: one path, one meaning, and no bytes of it anywhere else.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Aim, ALLOWED, aimAt, expectRefused, post } from '../support/attack.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { fieldOf, overWire } from '../support/wire.ts'

let gateway: TestGateway
let aim: Aim
beforeAll(async () => {
  gateway = await startTestGateway()
  aim = aimAt(gateway)
})
afterAll(() => gateway.close())

const TARGETS: readonly (readonly [id: string, target: string, status: number])[] = [
  ['H28 another authority', 'http://evil/mcp/a', 400],
  ['H28 no authority', 'http:/mcp/a', 400],
  ['H28 an empty authority', 'http:///health/../mcp/a', 400],
  ['H28 userinfo', 'http://gw@evil/', 400],
  ['H30 dots', '/mcp/a/../b', 400],
  ['H30 encoded dots', '/mcp/a/%2e%2e/b', 400],
  ['H30 dots and a parameter', '/mcp/a/..;/b', 400],
  ['H30 a parameter and dots', '/mcp/a;/../b', 400],
  ['H30 one dot', '/mcp/./a', 400],
  ['H31 encoded slash', '/mcp%2fa', 400],
  ['H31 encoded slashes and dots', '/mcp/a%2f..%2fb', 400],
  ['H31 backslash', '/mcp/a\\..\\b', 400],
  ['H31 encoded backslash', '/mcp/a%5cb', 400],
  ['H32 double encoding', '/mcp/%252e%252e/admin', 400],
  ['H33 double slash', '//mcp//a', 400],
  ['H33 double slash inside', '/mcp//a', 400],
  ['H34 a longer name', '/mcp/ab', 404],
  ['H34 an extension', '/mcp/a.json', 404],
  ['H34 something below', '/mcp/a/b', 404],
  ['H34 half of it', '/mcp', 404],
  ['H35 the path encoded', '/%6dcp/a', 400],
  ['H35 a letter of it in two bytes', '/mcp/%c1%a1', 400],
  ['H35 the path and bytes that a prefix could leave', '/mcp/a%2e%2e/b', 400],
  ['H35, H46 NUL', '/mcp/a%00b', 400],
  ['H36 the route in the query', '/health?/mcp/a', 404],
  ['H36 another path first', '/mcp/b?x=/mcp/a', 404],
  ['H36 a parameter', '/mcp/b;/mcp/a', 400],
  ['H36 a fragment', '/mcp/b#/mcp/a', 400],
  ['H38 encoded CRLF', '/mcp/a%0d%0aX-Mcp-Subject:%20root', 400],
  ['H46 percent garbage', '/mcp/%zz', 400],
  ['H46 a byte beyond ASCII in the query', '/mcp/a?x=\u00ff', 400],
  ['H46 a bare percent', '/mcp/a%', 400],
  ['H47 an authority', '//evil.com/x', 400],
  ['H47 an at', '/@evil', 404],
  ['M62 case of the prefix', '/MCP/a', 404],
  ['M62 case of the name', '/mcp/A', 404],
  ['K08 metrics', '/metrics', 404],
  ['K08 readiness', '/readyz', 404],
  ['K08 health', '/healthz', 404],
  ['K08 by an encoded path', '/%6detrics', 400],
  ['K08 configuration', '/config', 404],
]

test.each(TARGETS)('%s: %s is %i', async (_id, target, status) => {
  const answer = await expectRefused(gateway, post(aim, '', ALLOWED, target), status)
  expect(answer.body).not.toContain('evil')
  expect(fieldOf(answer, 'location')).toBeUndefined()
})

test('H38: a bare CR in the target is no request', async () => {
  await expectRefused(gateway, post(aim, '', ALLOWED, '/mcp/a\rX-Mcp-Subject:root'), 400)
})

test('H34: the slash twin is the same route, and the upstream sees its own path', async () => {
  const [answer] = await overWire(gateway.origin, post(aim, '', ALLOWED, '/mcp/a/'), 1)
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.url).toBe('/mcp')
})

test('H35 nothing of a path is stripped or carried over: the upstream sees the configured one', async () => {
  const own = await startTestGateway({ upstreamUrl: `${gateway.upstream.url}/%C3%A4/mcp/a` })
  const [answer] = await overWire(own.origin, post(aimAt(own)), 1)
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.url).toBe('/mcp/%C3%A4/mcp/a')
  await own.close()
})

test('K18 paths that are no route are answered alike, with a token and without', async () => {
  const bare = { ...aim, head: `Host: ${aim.host}\r\n` }
  const paths = ['/mcp/b', '/admin', '/mcp', '/mcp/a/messages']
  const asked = paths.flatMap((path) => [post(aim, '', ALLOWED, path), post(bare, '', ALLOWED, path)])
  const answers = await Promise.all(asked.map(async (bytes) => (await overWire(gateway.origin, bytes, 1))[0]))
  expect(new Set(answers.map((answer) => `${answer?.status} ${answer?.body}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(404)
})

test('H36, H47, L46: the query decides nothing, and does not go on', async () => {
  const [answer] = await overWire(gateway.origin, post(aim, '', ALLOWED, '/mcp/a?//evil.com/&x=/mcp/b'), 1)
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.url).toBe('/mcp')
})

test('H37: a health checker is a caller like any other', async () => {
  for (const agent of ['kube-probe/1.30', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0']) {
    const response = await fetch(gateway.resource, { headers: { 'user-agent': agent } })
    expect(response.status).toBe(401)
  }
})

const METHODS: readonly (readonly [id: string, method: string, target: string, status: number])[] = [
  ['H29 asterisk', 'OPTIONS', '*', 400],
  ['H29 trace', 'TRACE', '/mcp/a', 405],
  ['H29 connect', 'CONNECT', 'evil:443', 501],
  ['M56 put', 'PUT', '/mcp/a', 405],
  ['M56 patch', 'PATCH', '/mcp/a', 405],
  ['M56 options that is no preflight', 'OPTIONS', '/mcp/a', 405],
  ['M56 a method nobody knows', 'FOO', '/mcp/a', 400],
  ['M56 a method in lower case', 'post', '/mcp/a', 400],
]

test.each(METHODS)('%s: %s %s', async (_id, method, target, status) => {
  const answer = await expectRefused(gateway, `${method} ${target} HTTP/1.1\r\n${aim.head}\r\n`, status)
  if (status === 405) expect(fieldOf(answer, 'allow')).toBe('POST, GET, DELETE')
  expect(answer.body).not.toContain(aim.token)
})

test('M56: HEAD is not GET', async () => {
  const before = gateway.upstream.received.length
  const headers = { authorization: `Bearer ${aim.token}` }
  const response = await fetch(gateway.resource, { method: 'HEAD', headers })
  expect(response.status).toBe(405)
  expect(gateway.upstream.received.length).toBe(before)
})

test('M55: a method in the query is not honoured', async () => {
  await overWire(gateway.origin, post(aim, '', ALLOWED, '/mcp/a?_method=DELETE'), 1)
  expect(gateway.upstream.received.at(-1)?.method).toBe('POST')
})
