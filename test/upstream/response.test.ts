// Which statuses and headers of an upstream go on to the client.
import { expect, test } from 'vitest'
import type { Fields } from '../../src/core/fields.ts'
import type { Reply } from '../../src/upstream/reply.ts'
import { type Relaying, relayedHeaders, replyProblem } from '../../src/upstream/response.ts'

function reply(status: number, body = '{}', headers: Fields = []): Reply {
  return { status, headers, mediaType: '', body: Buffer.from(body), retire() {} }
}

/** What goes on, as an object. */
function relayed(headers: Fields, relaying: Partial<Relaying> = {}): Record<string, string> {
  const usual = { identityPrefix: 'x-mcp-', own: [], body: 'same' as const }
  const list = relayedHeaders(headers, { ...usual, ...relaying })
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] as string]] : [])))
}

test.each([200, 202, 206, 400, 404, 405, 406, 409, 415, 422, 429, 500, 501, 502, 503, 504])(
  'L30 N-04 %d goes on',
  (status) => expect(replyProblem(reply(status))).toBeUndefined(),
)

test.each([100, 101, 199, 205, 300, 301, 302, 303, 304, 307, 308, 399, 401, 403, 407, 421, 600, 999])(
  'FWD-10 L33 L34 %d does not',
  (status) => expect(replyProblem(reply(status))?.reason).toBe('upstream_invalid'),
)

test('L30 204 goes on only when it announces no body', () => {
  expect(replyProblem(reply(204, ''))).toBeUndefined()
  expect(replyProblem(reply(204, '', ['content-length', '0']))).toBeUndefined()
  expect(replyProblem(reply(204, '', ['content-length', '2']))?.reason).toBe('upstream_invalid')
})

const DROPPED = [
  'www-authenticate',
  'set-cookie',
  'proxy-authenticate',
  'server',
  'via',
  'x-powered-by',
  'location',
  'refresh',
  'alt-svc',
  'clear-site-data',
  'strict-transport-security',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'x-mcp-subject',
  'x-mcp-scopes',
  'x-request-id',
  'mcp-session-id',
  'dpop-nonce',
  'vary',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'content-length',
  'upgrade',
  'trailer',
]

test.each(DROPPED)('FWD-10 L35 %s stays behind', (name) => {
  expect(relayed([name, 'x', 'content-type', 'a/b'])).not.toHaveProperty(name)
})

test.each(['mcp-protocol-version', 'mcp-param-region', 'content-type', 'retry-after', 'allow', 'x-custom'])(
  'FWD-07 L35 %s goes on as it is',
  (name) => expect(relayed([name, 'v'])[name]).toBe('v'),
)

test.each([
  ['in one field', ['connection', 'close, X-Secret']],
  ['in the second of two', ['connection', 'keep-alive', 'connection', 'X-Secret']],
])('L36 what Connection names is hop-by-hop, %s', (_where, connection) => {
  const headers = relayed([...connection, 'x-secret', '1', 'x-other', '2'])
  expect(headers).toMatchObject({ 'x-other': '2' })
  expect(headers).not.toHaveProperty('x-secret')
})

test('CAC-05 an answer without Cache-Control is not stored; the upstream’s own word stays', () => {
  expect(relayed([])['cache-control']).toBe('no-store')
  expect(relayed(['cache-control', 'private'])['cache-control']).toBe('no-store')
})

test('L39 a body without a type is not guessed at', () => {
  expect(relayed([])['x-content-type-options']).toBe('nosniff')
})

test('L35 the identity prefix is the route’s own', () => {
  expect(relayed(['x-me-subject', 'a'], { identityPrefix: 'x-me-' })).not.toHaveProperty('x-me-subject')
})

test('our own headers are on every answer, and an upstream cannot replace them', () => {
  const own = ['x-request-id', 'ours']
  expect(relayed(['x-request-id', 'theirs'], { own })['x-request-id']).toBe('ours')
})

test('L12 L14 L80 an answer is for no cache, and is no version of anything', () => {
  const told = ['etag', '"a"', 'last-modified', 'yesterday', 'cache-control', 'public', 'content-type', 'a/b']
  expect(relayed(told)).toEqual({ 'cache-control': 'no-store', 'content-type': 'a/b' })
})

test('SSE-03 the type of a body stays behind with the body', () => {
  expect(relayed(['content-type', 'a/b'], { body: 'none' })).not.toHaveProperty('content-type')
})
