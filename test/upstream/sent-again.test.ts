// What may be sent once more when a kept connection closed before a byte of the answer came, over real sockets.
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Refusal } from '../../src/core/refusal.ts'
import {
  type Connections,
  createConnections,
  createLeg,
  type ExchangeControl,
} from '../../src/upstream/connections.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'

const HEAD = 'POST /mcp HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const TIMEOUT_MS = 2_000

let upstream: RawUpstream
let connections: Connections
let resent = 0
beforeEach(async () => {
  upstream = await startRawUpstream()
  connections = pool(1) // so that the next exchange waits for the connection of the one before
  resent = 0
})
afterEach(async () => {
  connections.close()
  await upstream.close()
})

function pool(size: number): Connections {
  const leg = createLeg({
    ...{ url: upstream.url, transport: 'http', ca: undefined, keepAliveMs: 60_000 },
    ...{ passQuery: false, badRequestEndsSession: false },
    ...{ connectTimeoutMs: 5_000, timeoutMs: TIMEOUT_MS, idleTimeoutMs: 5_000 },
  })
  return createConnections(leg, { connections: size, sharePerCaller: 1 })
}

interface Sent {
  readonly carried: ExchangeControl
  /** The body, or why there is none. */
  readonly ended: Promise<string | Refusal>
}

function send(mayRepeat: boolean, on = connections): Sent {
  const { promise, resolve } = Promise.withResolvers<string | Refusal>()
  let text = ''
  const onResent = () => {
    resent += 1
  }
  const exchange = {
    head() {},
    data(piece: Buffer) {
      text += piece.toString('latin1')
    },
    end: () => resolve(text),
    fail: resolve,
  }
  const outgoing = { caller: 'a', head: HEAD, body: Buffer.from('{}') }
  const carried = on.carry(mayRepeat ? { ...outgoing, onResent } : outgoing, exchange) as ExchangeControl
  return { carried, ended: promise }
}

/** The first request of each of the first connections is answered; what comes after it meets `second`. */
function answerFirst(second: (socket: Socket) => void, kept = 1): void {
  upstream.respond = (socket, count) => {
    const at = upstream.sockets.findIndex((each) => each.socket === socket)
    if (count === 1 || at >= kept) socket.write(OK)
    else second(socket)
  }
}

const requests = () => upstream.sockets.map(({ text }) => text().split('POST').length - 1)

const CLOSINGS: readonly (readonly [how: string, close: (socket: Socket) => void])[] = [
  ['in order', (socket) => socket.end()],
  ['without an end', (socket) => socket.destroy()],
  ['by a reset', (socket) => socket.resetAndDestroy()],
]

test.each(CLOSINGS)(
  'L91 a kept connection closes %s: the request goes on a fresh one, once',
  async (_how, close) => {
    answerFirst(close)
    expect(await send(true).ended).toBe('ok')
    expect(await send(true).ended).toBe('ok')
    expect(resent).toBe(1)
    expect(requests()).toEqual([2, 1])
  },
)

test.each(CLOSINGS)('L91 … %s: a request that may act is not sent again', async (_how, close) => {
  answerFirst(close)
  await send(false).ended
  expect(await send(false).ended).toMatchObject({ reason: 'upstream_unreachable' })
  expect(requests()).toEqual([2])
})

test('L91 on a fresh connection that closes nothing is sent again', async () => {
  upstream.respond = (socket) => socket.end()
  expect(await send(true).ended).toMatchObject({ reason: 'upstream_unreachable' })
  expect(resent).toBe(0)
  expect(requests()).toEqual([1])
})

test('L91 nor when the second connection closes too', async () => {
  upstream.respond = (socket, count) => {
    if (count === 1 && upstream.sockets[0]?.socket === socket) socket.write(OK)
    else socket.end()
  }
  await send(true).ended
  expect(await send(true).ended).toMatchObject({ reason: 'upstream_unreachable' })
  expect(requests()).toEqual([2, 1])
})

test.each(['H', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok'])(
  'L91 nor after a byte of an answer: %j',
  async (begun) => {
    answerFirst((socket) => socket.end(begun))
    await send(true).ended
    expect(await send(true).ended).toMatchObject({ reason: 'upstream_unreachable' })
    expect(resent).toBe(0)
    expect(requests()).toEqual([2])
  },
)

test('L91 nor after a wait without an answer', async () => {
  answerFirst(() => {})
  await send(true).ended
  expect(await send(true).ended).toMatchObject({ reason: 'upstream_timeout' })
  expect([resent, ...requests()]).toEqual([0, 2])
})

test('L91 nor when the client left, nor when the gateway ends', async () => {
  const two = pool(2)
  answerFirst(() => {}, 2)
  await Promise.all([send(true, two).ended, send(true, two).ended])
  const [left, stopped] = [send(true, two), send(true, two)]
  await expect.poll(requests).toEqual([2, 2])
  left.carried.abort()
  two.close()
  expect(await stopped.ended).toMatchObject({ detail: 'the gateway is stopping' })
  expect([resent, ...requests()]).toEqual([0, 2, 2])
})

test('L91 the fresh one takes the place of a kept one where there is no other', async () => {
  const two = pool(2)
  answerFirst((socket) => socket.destroy(), 2)
  await Promise.all([send(true, two).ended, send(true, two).ended])
  // Both meet a closed one, and the one that is sent again first must not take the other's.
  expect(await Promise.all([send(true, two).ended, send(true, two).ended])).toEqual(['ok', 'ok'])
  expect(resent).toBe(2)
  expect(requests()).toEqual([2, 2, 1, 1])
  two.close()
})
