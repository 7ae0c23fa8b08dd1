// createHandler in node:http, Hono (@hono/node-server 2.1) and Express (5.3), each over a socket: the same answers that a
// gateway of its own gives, and the host's own pages beside them.
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { holdRequests, openStream, startEvents } from '../support/stream.ts'
import { fieldOf, overWire } from '../support/wire.ts'
import { type Mount, startHost } from './host.ts'
import { inExpress, inHono, inNode } from './mounts.ts'

const HOSTS: readonly { readonly name: string; readonly mount: Mount }[] = [
  { name: 'node:http', mount: inNode },
  { name: 'Hono', mount: inHono },
  { name: 'Express', mount: inExpress },
]

test.each(HOSTS)('$name: a call without a token is told where to sign in', async ({ mount }) => {
  const { origin, post } = await startHost(mount)
  const answer = await post(toolCall('safe'), { authorization: '' })
  expect(answer.status).toBe(401)
  const metadata = `${origin}/.well-known/oauth-protected-resource/mcp/a`
  expect(answer.headers.get('www-authenticate')).toContain(`resource_metadata="${metadata}"`)
  expect(await (await fetch(metadata)).json()).toMatchObject({ resource: `${origin}/mcp/a` })
})

test.each(HOSTS)('$name: an allowed call reaches the upstream byte for byte', async ({ mount }) => {
  const { post, upstream, audit, handler } = await startHost(mount)
  const body = ' {"jsonrpc":"2.0", "id":1,"method":"tools/call","params":{"name":"safe","n":1.50}}'
  const answer = await post(body)
  expect([answer.status, await answer.json()]).toEqual([200, { jsonrpc: '2.0', id: 1, result: {} }])
  expect(upstream.received.map((received) => received.body.toString())).toEqual([body])
  expect(upstream.received[0]?.headers).toMatchObject({ 'x-mcp-subject': 'user-1' })
  expect(upstream.received[0]?.headers).not.toHaveProperty('authorization')
  expect((await post(toolCall('forbidden'))).status).toBe(403)
  await handler.close(1_000)
  expect(audit.map(({ decision }) => decision)).toEqual(['allowed', 'refused'])
})

test.each(HOSTS)(
  '$name: a body that comes in pieces, after a refusal on the same connection',
  async (host) => {
    const { origin, token, upstream } = await startHost(host.mount)
    const body = JSON.stringify({ ...toolCall('safe'), padding: 'x'.repeat(200_000) })
    const head = (authorization: string) =>
      `POST /mcp/a HTTP/1.1\r\nhost: ${new URL(origin).host}\r\ncontent-type: application/json\r\n` +
      `${authorization}content-length: ${body.length}\r\n\r\n`
    const first = `GET /mcp/a HTTP/1.1\r\nhost: ${new URL(origin).host}\r\n\r\n`
    const [refused, answer] = await overWire(
      origin,
      first + head(`authorization: Bearer ${token()}\r\n`) + body,
      2,
    )
    expect([refused?.status, answer?.status]).toEqual([401, 200])
    expect(fieldOf(answer, 'content-type')).toBe('application/json')
    expect(upstream.received.map((received) => received.body.length)).toEqual([body.length])
  },
)

test.each(HOSTS)(
  '$name: events flow while they come, and a client that leaves is noticed',
  async ({ mount }) => {
    const { origin, token, upstream } = await startHost(mount)
    const next = holdRequests(upstream)
    const { body, headers } = callOf('modern', 'safe')
    const opening = openStream(`${origin}/mcp/a`, {
      ...{ method: 'POST', body },
      headers: { ...headers, authorization: `Bearer ${token()}` },
    })
    const held = await next()
    startEvents(held.response, 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n')
    const stream = await opening
    await stream.until('notifications/message')
    stream.leave()
    await held.closed
  },
)

test.each(HOSTS)(
  '$name: other paths are the host’s, and so are other well-known documents',
  async ({ mount }) => {
    const { origin, log } = await startHost(mount)
    expect(await (await fetch(`${origin}/own`)).text()).toBe('a page of the host')
    const other = await fetch(`${origin}/.well-known/security.txt`)
    expect(await other.text()).not.toContain('not_found')
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
  },
)

test('headers that the host has set go out beside ours, and ours win', async () => {
  const { post } = await startHost((handler) => (request, response) => {
    response.setHeader('strict-transport-security', 'max-age=1')
    response.setHeader('content-type', 'text/html')
    handler(request, response)
  })
  const answer = await post(toolCall('safe'))
  expect(answer.headers.get('strict-transport-security')).toBe('max-age=1')
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test('without `next` a path that nobody serves is refused by the gateway', async () => {
  const { origin } = await startHost((handler) => (request, response) => handler(request, response))
  expect((await fetch(`${origin}/own`)).status).toBe(404)
})
