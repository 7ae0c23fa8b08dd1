// How a stream flows: every event at once and byte for byte, silence broken at event boundaries, and a reader that
// does not read holds back the upstream.
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { withoutSeals } from '../support/event-ids.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, modern } from '../support/messages.ts'
import { type Held, holdRequests, openStream } from '../support/stream.ts'

let gateway: TestGateway
let next: () => Promise<Held>
beforeAll(async () => {
  gateway = await startTestGateway()
})
beforeEach(() => {
  next = holdRequests(gateway.upstream)
})
afterEach(() => vi.useRealTimers())
afterAll(() => gateway.close())

function authorized(headers: Readonly<Record<string, string>> = {}) {
  return { ...headers, authorization: `Bearer ${gateway.token()}` }
}

async function openCall(era: 'legacy' | 'modern', head: Readonly<Record<string, string>>, first = '') {
  const { body, headers } = callOf(era)
  const opening = openStream(gateway.resource, { method: 'POST', body, headers: authorized(headers) })
  const held = await next()
  held.response.writeHead(200, head)
  held.response.flushHeaders()
  if (first !== '') held.response.write(first)
  return { client: await opening, upstream: held.response }
}

const EVENTS = { 'content-type': 'text/event-stream; charset=utf-8' }

describe.each(['legacy', 'modern'] as const)('an event stream, %s', (era) => {
  /** Before 2026-07-28 a client gets the id of an event sealed (S50). */
  const idFrom = (id: string) => (era === 'legacy' ? 'sealed' : id)

  test('T26-23 STR-01: its head is there before its first event, uncompressed and unbuffered', async () => {
    const { client, upstream } = await openCall(era, EVENTS)
    expect(client.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'cache-control': 'no-store',
    })
    expect(client.headers['content-encoding']).toBeUndefined()
    expect(gateway.upstream.received.at(-1)?.headers['accept-encoding']).toBe('identity')
    expect(client.text()).toBe('')
    upstream.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
    expect(await client.ended).toBe('whole')
  })

  test('STR-01: each event goes on when it is whole, and not before', async () => {
    const { client, upstream } = await openCall(era, EVENTS, 'id: 1\ndata:\n\n')
    const priming = `id: ${idFrom('1')}\ndata:\n\n`
    expect(withoutSeals(await client.until('data:\n\n'))).toBe(priming)
    upstream.write('data: {"half"')
    upstream.write(':1}\n')
    upstream.write('\nretry: 10\n\n: note\n\n')
    const all = `${priming}data: {"half":1}\n\nretry: 10\n\n: note\n\n`
    expect(withoutSeals(await client.until('note\n\n'))).toBe(all)
    upstream.end()
  })

  test('STR-02: what is no list passes byte for byte, several MB in one event too', async () => {
    const text = 'é日😀'.repeat(400_000)
    const event = `event: message\r\nid: 9\r\ndata:{"jsonrpc":"2.0","id":1,"result":{"text":"${text}"}}\r\n\r\n`
    const { client, upstream } = await openCall(era, EVENTS)
    upstream.end(event)
    expect(await client.ended).toBe('whole')
    expect(withoutSeals(client.text()) === event.replace('id: 9', `id: ${idFrom('9')}`)).toBe(true)
  })

  test('an event larger than the limit ends the stream, and who waits is told', async () => {
    const { client, upstream } = await openCall(era, EVENTS)
    upstream.on('error', () => {})
    for (let i = 0; i < 18; i += 1) upstream.write(`data: ${'x'.repeat(1 << 20)}\n`)
    expect(await client.ended).toBe('whole')
    expect(client.text()).toMatch(/^event: message\ndata: \{"jsonrpc":"2.0","id":1,"error":\{[^\n]*\n\n$/)
  })
})

test('T26-23: a comment breaks silence, only between events', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { client, upstream } = await openCall('modern', EVENTS, 'data: 1\n\n')
  await client.until('data: 1\n\n')
  vi.advanceTimersByTime(14_000)
  upstream.write('data: 2\n\ndata: ')
  await client.until('data: 2\n\n')
  vi.advanceTimersByTime(14_000)
  expect(client.text()).not.toContain(':\n\n')
  vi.advanceTimersByTime(16_000)
  await client.until(':\n\n:\n\n')
  const answer = 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
  upstream.end(`3\n\n${answer}`)
  await client.ended
  expect(client.text()).toBe(`data: 1\n\ndata: 2\n\n:\n\n:\n\ndata: 3\n\n${answer}`)
})

describe('what is no event stream', () => {
  test('N-03: JSON line by line flows while it comes', async () => {
    const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
    const opening = openStream(gateway.resource, { method: 'POST', body, headers: authorized(headers) })
    const { response } = await next()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"jsonrpc":"2.0","method":"notifications/a"}\n')
    const client = await opening
    await client.until('notifications/a"}\n')
    response.write('{"jsonrpc":"2.0","method":"notifications/b"}\n')
    await client.until('notifications/b"}\n')
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}\n')
    expect(await client.ended).toBe('whole')
  })

  test('a chunked JSON answer passes as it is, as soon as it is known for one', async () => {
    const begun = '{"jsonrpc":"2.0","id":1,"result":{'
    const { client, upstream } = await openCall('legacy', { 'content-type': 'application/json' }, begun)
    expect(await client.until(begun)).toBe(begun)
    upstream.end('"n":1e400}}')
    expect(await client.ended).toBe('whole')
    expect(client.text()).toBe('{"jsonrpc":"2.0","id":1,"result":{"n":1e400}}')
  })

  test('a compressed answer, which was not asked for, is a 502: nobody can tell whose it is', async () => {
    const zipped = gzipSync('{"jsonrpc":"2.0","id":1,"result":{}}')
    const head = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const { body, headers } = callOf('legacy')
    const answering = gateway.post(body, headers)
    const { response } = await next()
    response.writeHead(200, head).end(zipped)
    const answer = await answering
    expect(answer.status).toBe(502)
  })
})

/** Sends a request on a socket whose answer nobody reads. */
function sendUnread() {
  const { hostname, port } = new URL(gateway.origin)
  const socket = connect(Number(port), hostname)
  socket.pause()
  const { body, headers } = callOf('modern')
  const payload = JSON.stringify(body)
  const fields = { host: `${hostname}:${port}`, 'content-type': 'application/json', ...authorized(headers) }
  const lines = Object.entries({ ...fields, 'content-length': payload.length }).map((field) =>
    field.join(': '),
  )
  socket.write(`POST /mcp/a HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${payload}`)
  return socket
}

describe('L24 a client that does not read', () => {
  const CHUNK = Buffer.alloc(1 << 20, `: ${'x'.repeat(1021)}\n\n`.padEnd(1024, '\n'))
  const BEGUN = '{"jsonrpc":"2.0","id":1,"result":{"a":"'
  const MOST = 512

  test.each([EVENTS, { 'content-type': 'application/json' }])('holds back the upstream: %o', async (head) => {
    const socket = sendUnread()
    const { response } = await next()
    response.writeHead(200, head)
    if (head !== EVENTS) response.write(BEGUN)
    let sent = 0
    while (sent < MOST && response.write(CHUNK)) sent += 1
    while (sent < MOST && (await drained(response))) {
      sent += 1
      response.write(CHUNK)
    }
    expect(sent).toBeLessThan(64)
    let read = 0
    socket.on('data', (bytes: Buffer) => {
      read += bytes.length
    })
    response.end()
    socket.resume()
    await expect.poll(() => read, { timeout: 10_000 }).toBeGreaterThan(sent * CHUNK.length)
    socket.destroy()
  })
})

/** Whether what was written goes out; false when it stays for as long as many turns of the loop take. */
async function drained(response: Held['response']): Promise<boolean> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (response.writableLength === 0) return true
    await new Promise((resolve) => setImmediate(resolve))
  }
  return false
}
