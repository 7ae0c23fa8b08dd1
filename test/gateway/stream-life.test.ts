// How long a long stream may live: as long as its token, as long as its token is not revoked, and no more of them
// than a caller may hold. A stream that answers a call lives until its answer.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, modern } from '../support/messages.ts'
import { metricsOf } from '../support/scrape.ts'
import { type Held, holdRequests, type OpenStream, openStream, startEvents } from '../support/stream.ts'

let gateway: TestGateway
let next: () => Promise<Held>
beforeAll(async () => {
  gateway = await startTestGateway({
    route: '    limits: { streams_per_subject: 2 }',
    issuer: `    validation: jwt_else_introspection
    introspection: { client_id: portcullis, client_secret: secret, cache: { ttl: 1s } }`,
  })
})
beforeEach(() => {
  next = holdRequests(gateway.upstream)
})
afterEach(() => vi.useRealTimers())
afterAll(() => gateway.close())

/** A token within the leeway after its expiry: accepted for a call, and due at once for a stream. */
function dueToken() {
  return gateway.token('a', { exp: Math.floor(Date.now() / 1_000) })
}

async function openGet(token: string, first = '', more = {}) {
  const headers = { authorization: `Bearer ${token}`, ...more }
  const opening = openStream(gateway.resource, { headers })
  return await begin(opening, first)
}

async function openListen(token: string, id: string | number, first = '') {
  const { body, headers } = modern(
    'subscriptions/listen',
    { notifications: { toolsListChanged: true } },
    { id },
  )
  const authorization = `Bearer ${token}`
  return await begin(
    openStream(gateway.resource, { method: 'POST', body, headers: { ...headers, authorization } }),
    first,
  )
}

async function begin(opening: Promise<OpenStream>, first: string) {
  const held = await next()
  startEvents(held.response, first)
  return { client: await opening, held }
}

function listenEnd(id: string): string {
  const result = `{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":${id}}}`
  return `event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":${result}}\n\n`
}

describe('STR-05 I26 the token expires', () => {
  test('a GET stream ends whole, and the upstream is told', async () => {
    const { client, held } = await openGet(dueToken())
    expect(await client.ended).toBe('whole')
    await held.closed
    expect(client.text()).toBe('')
  })

  test('STR-06 2025-11-25: it ends with an id to open it again by, which the upstream never sees', async () => {
    const version = { 'mcp-protocol-version': '2025-11-25' }
    const { client } = await openGet(dueToken(), '', version)
    expect(await client.ended).toBe('whole')
    const id = /^id: ([\w-]{36})\ndata: \n\n$/.exec(client.text())?.[1]
    const again = await openGet(dueToken(), '', { ...version, 'last-event-id': id ?? '' })
    expect(again.held.request.headers['last-event-id']).toBeUndefined()
    expect(await again.client.ended).toBe('whole')
    expect(again.client.text()).not.toContain(id)
  })

  test('STR-06 a stream that has an id keeps it, so that nothing behind it is lost', async () => {
    const { client } = await openGet(
      dueToken(),
      'id: 1\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n',
      {
        'mcp-protocol-version': '2025-11-25',
      },
    )
    expect(await client.ended).toBe('whole')
    expect(client.text().match(/^id: /gm)).toHaveLength(1)
    expect(client.text()).not.toContain('data: \n')
  })

  test('STR-06 a stream that was taken up and brought nothing keeps its place, under another id each time', async () => {
    const version = { 'mcp-protocol-version': '2025-11-25' }
    const event = 'id: place-1\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n'
    const { client } = await openGet(dueToken(), event, version)
    await client.ended
    const ids = [/^id: (.+)$/m.exec(client.text())?.[1] ?? '']
    for (let taken = 0; taken < 3; taken += 1) {
      const again = await openGet(dueToken(), '', { ...version, 'last-event-id': ids.at(-1) ?? '' })
      expect(again.held.request.headers['last-event-id']).toBe('place-1')
      await again.client.ended
      ids.push(/^id: (.+)\ndata: \n\n$/.exec(again.client.text())?.[1] ?? '')
    }
    expect(new Set(ids)).toHaveLength(4)
    expect(ids).not.toContain('')
  })

  test.each([
    [7, '7'],
    ['sub "1"', String.raw`"sub \"1\""`],
  ])('T26-26: subscriptions/listen %j ends with its result', async (id, text) => {
    const { client, held } = await openListen(dueToken(), id)
    expect(await client.ended).toBe('whole')
    await held.closed
    expect(client.text()).toBe(listenEnd(text))
  })

  test('an event that was not whole by then is not sent', async () => {
    const token = gateway.token('a', { exp: Math.floor(Date.now() / 1_000) + 1 })
    const { client, held } = await openListen(token, 1, 'data: {"whole":1}\n\ndata: {"half')
    await client.until('{"whole":1}')
    await held.closed
    await client.ended
    expect(client.text()).toBe(`data: {"whole":1}\n\n${listenEnd('1')}`)
  })

  test('a stream that answers a call runs to its end', async () => {
    const { body, headers } = callOf('modern')
    const authorization = `Bearer ${dueToken()}`
    const call = { method: 'POST', body, headers: { ...headers, authorization } } as const
    const { client, held } = await begin(openStream(gateway.resource, call), ': one\n\n')
    await client.until(': one')
    held.response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
    expect(await client.ended).toBe('whole')
    expect(client.text()).toContain('"result"')
  })
})

describe('I26 the token is looked at again', () => {
  function opaque(active: boolean) {
    const claims = {
      iss: gateway.issuer.url,
      aud: gateway.resource,
      sub: 'opaque-1',
      scope: 'a',
      client_id: 'c',
    }
    gateway.issuer.introspect = () =>
      active ? { active, ...claims, exp: Math.floor(Date.now() / 1_000) + 600 } : { active }
  }

  test('revoked: the stream ends; an issuer that is down ends nothing', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    opaque(true)
    const { client, held } = await openGet('opaque-token', 'data: 1\n\n')
    await client.until('data: 1')
    const asked = () => gateway.issuer.requests.introspection
    const before = asked()

    gateway.issuer.faults.introspection = { status: 500 }
    await vi.waitFor(() => {
      vi.advanceTimersByTime(30_000)
      expect(asked()).toBeGreaterThan(before)
    }, 5_000)
    held.response.write('data: 2\n\n')
    await client.until('data: 2')

    delete gateway.issuer.faults.introspection
    opaque(false)
    await vi.waitFor(() => {
      vi.advanceTimersByTime(30_000)
      expect(client.incoming.complete).toBe(true)
    }, 5_000)
    expect(await client.ended).toBe('whole')
    await held.closed
  })
})

describe('STR-08 D05 streams_per_subject', () => {
  test('one more is refused; another caller and a free place are not', async () => {
    const mine = gateway.token('a', { sub: 'many' })
    const first = await openGet(mine)
    const second = await openListen(mine, 1)
    const before = gateway.upstream.received.length
    const refused = await openStream(gateway.resource, { headers: { authorization: `Bearer ${mine}` } })
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBe('5')
    expect(gateway.upstream.received.length).toBe(before)

    const other = await openGet(gateway.token('a', { sub: 'other' }))
    expect(other.client.status).toBe(200)

    second.held.response.end()
    expect(await second.client.ended).toBe('whole')
    const again = await openGet(gateway.token('a', { sub: 'many', jti: 'fresh' }))
    expect(again.client.status).toBe(200)
    for (const { client, held } of [first, other, again]) {
      client.leave()
      await held.closed
    }
  })

  test('a place is given back whatever the upstream does', async () => {
    const token = gateway.token('a', { sub: 'unlucky' })
    const headers = { authorization: `Bearer ${token}` }
    gateway.upstream.respond = (_request, response) => response.writeHead(405).end()
    for (let i = 0; i < 3; i += 1) {
      expect((await openStream(gateway.resource, { headers })).status).toBe(405)
    }
    gateway.upstream.respond = (_request, response) => response.socket?.resetAndDestroy()
    for (let i = 0; i < 3; i += 1) {
      expect((await openStream(gateway.resource, { headers })).status).toBe(502)
    }
  })

  test('K07 open streams are counted in the metrics, and all are given back', async () => {
    const gauge = async () => {
      const text = await metricsOf(gateway)
      return /portcullis_open_streams\{route="a"\} (\d+)/.exec(text)?.[1]
    }
    await expect.poll(gauge).toBe('0')
    const { client, held } = await openGet(gateway.token('a', { sub: 'counted' }))
    expect(await gauge()).toBe('1')
    client.leave()
    await held.closed
    await expect.poll(gauge).toBe('0')
  })
})
