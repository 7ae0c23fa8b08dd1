// Revision 2024-11-05 over the socket: HTTP+SSE. The stream announces an endpoint of ours, answers come on the stream.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { type OpenStream, openStream } from '../support/stream.ts'
import { ask } from './revision.ts'

let gateway: TestGateway
/** Writes to the stream that is open at the upstream. */
let say: (text: string) => void = () => {}

beforeAll(async () => {
  gateway = await startTestGateway({ transport: 'sse' })
  gateway.upstream.respond = (request, response) => {
    if (request.method === 'POST') return void response.writeHead(202).end('Accepted')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: endpoint\ndata: /messages?sessionId=up-1\n\n')
    say = (text) => void response.write(text)
  }
})
afterAll(() => gateway.close())

const bearer = (claims: object = {}) => `Bearer ${gateway.token('a', claims)}`

interface Channel {
  readonly stream: OpenStream
  readonly endpoint: string
}

async function connect(): Promise<Channel> {
  const headers = { authorization: bearer(), accept: 'text/event-stream' }
  const stream = await openStream(gateway.resource, { headers })
  const text = await stream.until('\n\n')
  return { stream, endpoint: /^event: endpoint\ndata: (\S+)\n\n/.exec(text)?.[1] ?? '' }
}

test('SSE-01 SSE-02 M63 the endpoint is an absolute path of ours, and the messages go to the upstream’s', async () => {
  const { stream, endpoint } = await connect()
  expect(endpoint).toMatch(/^\/mcp\/a\/messages\?session=[\w-]+$/)
  const { status, text, seen } = await ask(gateway, { body: toolCall('safe') }, { path: endpoint })
  expect([status, text]).toEqual([202, ''])
  expect(seen.map(({ url }) => url)).toEqual(['/messages?sessionId=up-1'])
  stream.leave()
})

test('SCP-02 lists that arrive on the stream are filtered; other events pass byte for byte', async () => {
  const { stream } = await connect()
  say(
    'event: message\ndata: {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"danger"},{"name":"safe"}]}}\n\n',
  )
  expect(await stream.until('safe')).not.toContain('danger')
  say(': hi\r\nevent: message\r\ndata: {"jsonrpc":"2.0","id":3,"result":{}}\r\n\r\n')
  expect(await stream.until('"id":3')).toContain(
    ': hi\r\nevent: message\r\ndata: {"jsonrpc":"2.0","id":3,"result":{}}',
  )
  stream.leave()
})

test('SSE-03 SSE-05 TOK-01 each message needs a token, and the same principal as the stream', async () => {
  const { stream, endpoint } = await connect()
  const body = toolCall('safe')
  const none = await ask(gateway, { body }, { path: endpoint, authorization: '' })
  expect([none.status, none.seen]).toEqual([401, []])
  const other = await ask(gateway, { body }, { path: endpoint, authorization: bearer({ sub: 'user-2' }) })
  expect([other.status, other.code, other.seen]).toEqual([404, -32001, []])
  stream.leave()
})

test('SSE-05 R1 a stream without a token is a 401 with a challenge', async () => {
  const { status, headers, seen } = await ask(gateway, {}, { method: 'GET', authorization: '' })
  expect([status, seen]).toEqual([401, []])
  expect(headers['www-authenticate']).toContain('resource_metadata=')
})

test('SSE-08 SCP-03 CHL-09 a denied message is a 403 on its POST', async () => {
  const { stream, endpoint } = await connect()
  const { status, headers, seen } = await ask(gateway, { body: toolCall('danger') }, { path: endpoint })
  expect([status, seen]).toEqual([403, []])
  expect(headers['www-authenticate']).toContain('scope="a admin"')
  stream.leave()
})

test.each(['', '?session=strange', '?sessionId=up-1'])(
  'SSE-03 M63 messages%s is an unknown session',
  async (query) => {
    const path = `/mcp/a/messages${query}`
    const { status, code, seen } = await ask(gateway, { body: toolCall('safe') }, { path })
    expect([status, code, seen]).toEqual([404, -32001, []])
  },
)

test.each([
  ['POST', '/mcp/a', 'GET'],
  ['DELETE', '/mcp/a', 'GET'],
  ['GET', '/mcp/a/messages', 'POST'],
] as const)('SSE-06 %s %s is a 405 that names %s', async (method, path, allow) => {
  const message = method === 'POST' ? { body: toolCall('safe') } : {}
  const { status, headers, seen } = await ask(gateway, message, { method, path })
  expect([status, headers.allow, seen]).toEqual([405, allow, []])
})

test('SSE-02 an endpoint of another origin ends the stream', async () => {
  const usual = gateway.upstream.respond
  gateway.upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: endpoint\ndata: http://evil.example/messages\n\n')
  }
  const stream = await openStream(gateway.resource, { headers: { authorization: bearer() } })
  expect(await stream.ended).toBe('cut')
  expect(stream.text()).toBe('')
  gateway.upstream.respond = usual
})
