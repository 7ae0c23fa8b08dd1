// Who ends a stream, and what becomes of the other side: the client leaves, the upstream breaks off.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, modern } from '../support/messages.ts'
import {
  type Held,
  holdRequests,
  nextResponseClosed,
  openStream,
  startEvents,
  startRequest,
} from '../support/stream.ts'

let gateway: TestGateway
let next: () => Promise<Held>
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
beforeEach(() => {
  next = holdRequests(gateway.upstream)
})
afterAll(() => gateway.close())

const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{}}'

function authorized(headers: Readonly<Record<string, string>> = {}) {
  return { ...headers, authorization: `Bearer ${gateway.token()}` }
}

function call(era: 'legacy' | 'modern') {
  const { body, headers } = callOf(era)
  return { method: 'POST', body, headers: authorized(headers) } as const
}

/** How the last exchange that the audit knows of ended. */
function lastEnding() {
  const decisions = gateway.audit().filter(({ event }) => event === 'decision')
  return { count: decisions.length, ending: decisions.at(-1)?.['ending'] }
}

async function expectEnding(before: number, ending: string) {
  await expect.poll(lastEnding).toEqual({ count: before + 1, ending })
}

describe('L25 the client leaves before the answer', () => {
  test('T26-22 STR-03 2026-07-28: the upstream is told at once', async () => {
    const before = lastEnding().count
    const client = startRequest(gateway.resource, call('modern'))
    const held = await next()
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
    await expectEnding(before, 'client_closed')
  })

  test('LEG-10 STR-04 before it: the upstream finishes its work, and its socket is used again', async () => {
    const before = lastEnding().count
    const left = nextResponseClosed(gateway.origin)
    const client = startRequest(gateway.resource, call('legacy'))
    const held = await next()
    const socket = held.response.socket
    client.leave()
    await left
    startEvents(held.response, `data: ${ANSWER}\n\n`)
    for (let i = 0; i < 64; i += 1) held.response.write(`: ${'x'.repeat(65_536)}\n\n`)
    held.response.end()
    await held.closed
    expect(held.response.writableFinished).toBe(true)
    expect(socket?.destroyed).toBe(false)
    await expectEnding(before, 'client_closed')
  })

  test('LEG-10 a small answer that nobody waits for is not counted as delivered', async () => {
    const before = lastEnding().count
    const left = nextResponseClosed(gateway.origin)
    const client = startRequest(gateway.resource, call('legacy'))
    const held = await next()
    client.leave()
    await left
    held.response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length })
    held.response.end(ANSWER)
    await expectEnding(before, 'client_closed')
  })
})

describe('L26 the client leaves during the answer', () => {
  test('2026-07-28: the upstream is told at once', async () => {
    const before = lastEnding().count
    const opening = openStream(gateway.resource, call('modern'))
    const held = await next()
    startEvents(held.response, ': one\n\n')
    const client = await opening
    await client.until(': one')
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
    await expectEnding(before, 'client_closed')
  })

  test('LEG-10 before it: the upstream may finish', async () => {
    const before = lastEnding().count
    const left = nextResponseClosed(gateway.origin)
    const opening = openStream(gateway.resource, call('legacy'))
    const held = await next()
    startEvents(held.response, ': one\n\n')
    const client = await opening
    await client.until(': one')
    client.leave()
    await left
    for (let i = 0; i < 64; i += 1) held.response.write(`: ${'x'.repeat(65_536)}\n\n`)
    held.response.end(`data: ${ANSWER}\n\n`)
    await held.closed
    expect(held.response.writableFinished).toBe(true)
    await expectEnding(before, 'client_closed')
  })

  test('LEG-10 before it, and the client can resume: the upstream’s stream is free at once', async () => {
    const before = lastEnding().count
    const opening = openStream(gateway.resource, call('legacy'))
    const held = await next()
    startEvents(held.response, 'id: first\ndata:\n\n')
    const client = await opening
    await client.until('id: ')
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
    await expectEnding(before, 'client_closed')
  })

  test('the GET stream only listens: leaving it ends the upstream’s', async () => {
    const before = lastEnding().count
    const opening = openStream(gateway.resource, { headers: authorized() })
    const held = await next()
    startEvents(held.response)
    const client = await opening
    client.leave()
    await held.closed
    await expectEnding(before, 'client_closed')
  })

  test('subscriptions/listen: leaving is the end of the subscription', async () => {
    const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
    const opening = openStream(gateway.resource, { method: 'POST', body, headers: authorized(headers) })
    const held = await next()
    startEvents(held.response, ': one\n\n')
    const client = await opening
    await client.until(': one')
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
  })
})

/** MCP 2025-11-25 Cancellation. A server without sessions hears of it in no other way. */
describe('a client that cancels a call and leaves has cancelled it', () => {
  /** More than the listeners that node takes for no leak. */
  const OFTEN = 12
  const cancel = (requestId: string | number, token = gateway.token()) => {
    const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }
    const headers = { ...call('legacy').headers, authorization: `Bearer ${token}` }
    return openStream(gateway.resource, { method: 'POST', body, headers })
  }
  const cancelled = async (sent: Promise<{ readonly status: number }>) => {
    const heard = await next()
    heard.response.writeHead(202).end()
    expect((await sent).status).toBe(202)
  }

  test('cancelled, then left before there is an answer', async () => {
    const before = lastEnding().count
    const client = startRequest(gateway.resource, call('legacy'))
    const held = await next()
    await cancelled(cancel(1))
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
    await expectEnding(before + 1, 'client_closed')
  })

  test('cancelled again and again, then left while the answer streams', async () => {
    const before = lastEnding().count
    const opening = openStream(gateway.resource, call('legacy'))
    const held = await next()
    startEvents(held.response, ': one\n\n')
    const client = await opening
    await client.until(': one')
    const warnings: Error[] = []
    process.once('warning', (warning) => warnings.push(warning))
    for (let times = 0; times < OFTEN; times++) await cancelled(cancel(1))
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
    await expectEnding(before + OFTEN, 'client_closed')
    expect(warnings).toEqual([])
  })

  test('left, then cancelled', async () => {
    const left = nextResponseClosed(gateway.origin)
    const client = startRequest(gateway.resource, call('legacy'))
    const held = await next()
    client.leave()
    await left
    await cancelled(cancel(1))
    await held.closed
    expect(held.response.writableEnded).toBe(false)
  })

  test.each([
    ['another id', () => cancel(2)],
    ['the same digits as a text', () => cancel('1')],
    ['another caller', () => cancel(1, gateway.token('a', { sub: 'mallory' }))],
  ])('%s ends nothing', async (_, cancelOther) => {
    const left = nextResponseClosed(gateway.origin)
    const client = startRequest(gateway.resource, call('legacy'))
    const held = await next()
    await cancelled(cancelOther())
    client.leave()
    await left
    startEvents(held.response, `data: ${ANSWER}\n\n`)
    held.response.end()
    await held.closed
    expect(held.response.writableFinished).toBe(true)
  })

  test('one who cancels and stays gets what its server says', async () => {
    const opening = openStream(gateway.resource, call('legacy'))
    const held = await next()
    await cancelled(cancel(1))
    startEvents(held.response, `data: ${ANSWER}\n\n`)
    held.response.end()
    const client = await opening
    expect([await client.until(ANSWER), await client.ended]).toEqual([`data: ${ANSWER}\n\n`, 'whole'])
  })
})

describe('L27 L40 the upstream breaks off', () => {
  const heads = {
    'an event stream': { 'content-type': 'text/event-stream' },
    'chunked JSON': { 'content-type': 'application/json' },
    'a large JSON with a length': { 'content-type': 'application/json', 'content-length': '1000000' },
  }
  test.each(Object.entries(heads))(
    '%s: the client sees that it was cut, or hears it in words',
    async (_, head) => {
      const before = lastEnding().count
      const opening = openStream(gateway.resource, call('legacy'))
      const held = await next()
      held.response.writeHead(200, head)
      const isJson = head['content-type'] === 'application/json'
      held.response.write(isJson ? '{"jsonrpc":"2.0","id":1,"result":{"n": 2' : ': 1\n\n: 2\n\n')
      const client = await opening
      await client.until(': 2')
      held.response.socket?.resetAndDestroy()
      expect(await client.ended).toBe(isJson ? 'cut' : 'whole')
      expect(client.text().includes('broke off')).toBe(!isJson)
      await expectEnding(before, 'upstream_aborted')
    },
  )

  test('a small JSON with a length: nothing was sent yet, so it is a 502', async () => {
    const opening = openStream(gateway.resource, call('legacy'))
    const held = await next()
    held.response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    held.response.write('{"jsonrpc"', () => held.response.socket?.resetAndDestroy())
    const client = await opening
    expect([client.status, await client.ended]).toEqual([502, 'whole'])
    expect(JSON.parse(client.text())).toMatchObject({ id: 1, error: { code: -32603 } })
  })
})
