import { expect, test } from 'vitest'
import { toPublicEndpoint, toUpstreamEndpoint } from '../../src/mcp/endpoint.ts'
import { createSealer } from '../../src/mcp/session-sealer.ts'

const sealer = createSealer(Buffer.alloc(32, 1), 4_096)
const UPSTREAM = 'http://127.0.0.1:3001/a/sse'

function check(announced: string): string | undefined {
  const published = toPublicEndpoint(announced, UPSTREAM, '/notes/messages', sealer, 'alice')
  if (published === undefined) return undefined
  expect(published).toMatch(/^\/notes\/messages\?session=[\w-]+$/)
  return toUpstreamEndpoint(published.slice('/notes/messages'.length), sealer, 'alice')
}

const own: readonly (readonly [string, string])[] = [
  ['/message?sessionId=7', '/message?sessionId=7'],
  ['message?sessionId=7', '/a/message?sessionId=7'],
  ['?sessionId=7', '/a/sse?sessionId=7'],
  ['http://127.0.0.1:3001/m?a=1&b=%2F', '/m?a=1&b=%2F'],
  ['HTTP://127.0.0.1:3001/m', '/m'],
  ['//127.0.0.1:3001/m', '/m'],
  ['/m#fragment', '/m'],
]

test.each(own)('SSE-02 %s becomes ours and comes back as %s', (announced, path) =>
  expect(check(announced)).toBe(path),
)

test.each([
  'http://127.0.0.1:3002/m',
  'https://127.0.0.1:3001/m',
  'http://localhost:3001/m',
  '//evil.example/m',
  'http://u:p@127.0.0.1:3001/m',
  'javascript:alert(1)',
  'data:,x',
  'http://',
  `/${'x'.repeat(4_100)}`,
])('M63 %s is not announced', (announced) => expect(check(announced)).toBeUndefined())

test('SSE-03 an endpoint is its owner’s alone', () => {
  const search = toPublicEndpoint('/m', UPSTREAM, '', sealer, 'alice')?.slice(0) ?? ''
  expect(toUpstreamEndpoint(search, sealer, 'alice')).toBe('/m')
  expect(toUpstreamEndpoint(search, sealer, 'bob')).toBeUndefined()
})

test('SSE-03 a session id is no endpoint', () => {
  const sealed = sealer.seal('alice', '/m')
  expect(toUpstreamEndpoint(`?session=${sealed}`, sealer, 'alice')).toBeUndefined()
})

test.each(['', '?', '?session=', '?session=x', '?sessionId=7'])('M63 %j names no endpoint', (search) => {
  expect(toUpstreamEndpoint(search, sealer, 'alice')).toBeUndefined()
})

test('M63 two sessions are none', () => {
  const search = toPublicEndpoint('/m', UPSTREAM, '', sealer, 'alice') ?? ''
  expect(toUpstreamEndpoint(`${search}&${search.slice(1)}`, sealer, 'alice')).toBeUndefined()
})
