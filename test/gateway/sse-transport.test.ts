// The 2024-11-05 transport: a stream that announces where to post, and posts that are answered on the stream.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_POLICY, startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { type Held, holdRequests, openStream, startEvents } from '../support/stream.ts'

const SOFT = '\n        - { name: soft, effect: deny, tools: [soft], denial: in_band }'

let gateway: TestGateway
let next: () => Promise<Held>
beforeAll(async () => {
  const policy = `\n      challenge: in_band${DEFAULT_POLICY}${SOFT}`
  gateway = await startTestGateway({ transport: 'sse', policy })
})
beforeEach(() => {
  next = holdRequests(gateway.upstream)
})
afterAll(() => gateway.close())

const ANNOUNCED = '/base/messages?sessionId=up-1&x=a%20b'
const bearer = (claims: object = {}) => ({ authorization: `Bearer ${gateway.token('a', claims)}` })

/** Opens the stream and reads where it says to post. */
async function open(claims: object = {}, announced = ANNOUNCED) {
  const opening = openStream(gateway.resource, { headers: bearer(claims) })
  const held = await next()
  startEvents(held.response, `event: endpoint\ndata: ${announced}\n\n`)
  const client = await opening
  await client.until('\n\n')
  const endpoint = /^event: endpoint\ndata: (.*)\n\n/.exec(client.text())?.[1] ?? ''
  return { client, held, endpoint, messages: new URL(endpoint, gateway.resource).href }
}

/** Posts a message; the upstream answers it when it gets there. */
async function post(messages: string, body: object, headers: Readonly<Record<string, string>> = bearer()) {
  const before = gateway.upstream.received.length
  gateway.upstream.respond = (_request, response) => response.writeHead(202).end('Accepted')
  const stream = await openStream(messages, { method: 'POST', headers, body })
  await stream.ended
  const seen = gateway.upstream.received.slice(before)
  return { status: stream.status, headers: stream.headers, text: stream.text(), seen }
}

describe('SSE-01 SSE-02 M63 the endpoint', () => {
  test('is announced as ours, and a post to it arrives at the upstream’s', async () => {
    const { client, endpoint, messages } = await open()
    expect(endpoint).toMatch(/^\/mcp\/a\/messages\?session=[A-Za-z0-9_-]+$/)
    expect(client.headers['content-type']).toBe('text/event-stream')
    const body = toolCall('safe')
    const { status, text, seen } = await post(messages, body)
    expect([status, text]).toEqual([202, ''])
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([`POST ${ANNOUNCED}`])
    expect(seen[0]?.body.toString()).toBe(JSON.stringify(body))
    expect(seen[0]?.headers).toMatchObject({ 'x-mcp-subject': 'user-1' })
    client.leave()
  })

  test('answers come on the stream; its lists are filtered (SSE-08)', async () => {
    const { client, held } = await open()
    const list = '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"danger"},{"name":"safe"}]}}'
    held.response.write(`event: message\ndata: ${list}\n\n`)
    await client.until('"id":2')
    expect(client.text()).toContain('data: {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"safe"}]}}\n\n')
    client.leave()
    await held.closed
  })

  const foreign = [
    'https://evil.example/messages',
    '//evil.example/x',
    'http://127.0.0.1:1/x',
    'javascript:1',
  ]
  test.each(foreign)('SSE-02 %s is not passed on: the stream ends', async (announced) => {
    const opening = openStream(gateway.resource, { headers: bearer() })
    const { response, closed } = await next()
    startEvents(response, `event: endpoint\ndata: ${announced}\n\n`)
    const client = await opening
    expect(await client.ended).toBe('cut')
    expect(client.text()).toBe('')
    await closed
  })

  test('every endpoint that is announced is rewritten, also a late one', async () => {
    const { client, held } = await open()
    held.response.write(`id: 1\r\nevent:endpoint\r\ndata:${ANNOUNCED}\r\n\r\n`)
    await client.until('\r\n\r\n')
    expect(client.text()).not.toContain('up-1')
    expect(client.text()).toMatch(/\r\ndata: \/mcp\/a\/messages\?session=[\w-]+\r\n\r\n$/)
    client.leave()
    await held.closed
  })
})

describe('SSE-03 the post', () => {
  const others: readonly (readonly [string, object])[] = [
    ['another subject', { sub: 'bob' }],
    ['another client', { client_id: 'client-2' }],
  ]
  test.each(others)('of %s: 404, and nothing reaches the upstream', async (_, claims) => {
    const { client, messages } = await open()
    const { status, seen, headers } = await post(messages, toolCall('safe'), bearer(claims))
    expect([status, seen]).toEqual([404, []])
    expect(headers['www-authenticate']).toBeUndefined()
    client.leave()
  })

  test('SES-03 of the same caller with a fresh token is taken', async () => {
    const { client, messages } = await open()
    expect((await post(messages, toolCall('safe'), bearer({ jti: 'fresh' }))).status).toBe(202)
    client.leave()
  })

  test('SSE-05 S05 without a token: the challenge of the route', async () => {
    const { client, messages } = await open()
    const { status, seen, headers } = await post(messages, toolCall('safe'), {})
    expect([status, seen]).toEqual([401, []])
    const metadata = `${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`
    expect(headers['www-authenticate']).toContain(`resource_metadata="${metadata}"`)
    client.leave()
  })

  test('SSE-08 of a call that is not allowed: 403 on the post', async () => {
    const { client, messages } = await open()
    const { status, seen } = await post(messages, toolCall('danger'))
    expect([status, seen]).toEqual([403, []])
    expect((await post(messages, toolCall('forbidden'))).status).toBe(403)
    client.leave()
  })

  const unheard: readonly (readonly [string, object, number])[] = [
    ['a denial that is in_band elsewhere', toolCall('soft'), 403],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'custom/thing' }, 404],
    ['an unknown task', { jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { taskId: 't' } }, 404],
  ]
  test.each(unheard)(
    'SSE-08 of %s: a status, since nobody reads a body here',
    async (_what, body, status) => {
      const { client, messages } = await open()
      expect(await post(messages, body)).toMatchObject({ status, seen: [] })
      client.leave()
    },
  )

  test('S03 S06 to an endpoint that nobody announced', async () => {
    const { client, messages } = await open()
    const forged = [
      ...['', '?session=', '?session=x', '?sessionId=up-1', `?session=${'x'.repeat(2_000)}`].map(
        (query) => `${gateway.resource}/messages${query}`,
      ),
      `${messages}&${messages.split('?')[1]}`,
      `${messages.slice(0, -2)}AA`,
    ]
    for (const url of forged)
      expect(await post(url, toolCall('safe'))).toMatchObject({ status: 404, seen: [] })
    client.leave()
  })

  test('an answer of the upstream’s to the post is not passed on', async () => {
    const { client, messages } = await open()
    const list = { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'danger' }] } }
    const before = gateway.upstream.received.length
    gateway.upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list))
    }
    const stream = await openStream(messages, { method: 'POST', headers: bearer(), body: toolCall('safe') })
    expect(await stream.ended).toBe('whole')
    expect([stream.status, stream.text()]).toEqual([200, ''])
    expect(gateway.upstream.received.length).toBe(before + 1)
    client.leave()
  })
})

describe('the paths', () => {
  test.each([
    ['POST', '/mcp/a', 'GET'],
    ['DELETE', '/mcp/a', 'GET'],
    ['GET', '/mcp/a/messages', 'POST'],
  ] as const)('%s %s: 405, use %s', async (method, path, allow) => {
    const before = gateway.upstream.received.length
    const body = method === 'POST' ? { body: toolCall('safe') } : {}
    const stream = await openStream(gateway.origin + path, { method, headers: bearer(), ...body })
    expect([stream.status, stream.headers.allow]).toEqual([405, allow])
    expect(gateway.upstream.received.length).toBe(before)
  })

  test('SSE-05 R1 the stream without a token: 401 with the challenge', async () => {
    const stream = await openStream(gateway.resource)
    expect(stream.status).toBe(401)
    expect(stream.headers['www-authenticate']).toContain('resource_metadata=')
  })

  test('SSE-06 M63 a route of the other transport has no /messages', async () => {
    const other = await startTestGateway()
    const response = await other.post(toolCall('safe'), {}, '/mcp/a/messages?session=x')
    await other.close()
    expect(response.status).toBe(404)
  })
})

test('STR-05 the stream ends with its token', async () => {
  const { client, held } = await open({ exp: Math.floor(Date.now() / 1_000) + 1 })
  expect(await client.ended).toBe('whole')
  await held.closed
})
