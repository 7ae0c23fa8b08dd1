// Connections to an upstream, over real sockets: what one may carry after another, and when each wait ends.
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Refusal } from '../../src/core/refusal.ts'
import type { HttpUpstreamSettings } from '../../src/core/settings.ts'
import { Connection, type UpstreamExchange } from '../../src/upstream/connection.ts'
import {
  type Connections,
  createConnections,
  createLeg,
  type ExchangeControl,
} from '../../src/upstream/connections.ts'
import { createReadingTurns } from '../../src/upstream/reading-turns.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'

const HEAD = 'POST /mcp HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n'
const BODY = Buffer.from('{}')
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

let upstream: RawUpstream
let connections: Connections
const pool = (size = 1_024) =>
  createConnections(createLeg(settings()), { connections: size, sharePerCaller: 1 })
const settings = (): HttpUpstreamSettings => ({
  ...{ url: upstream.url, transport: 'http', ca: undefined },
  ...{ passQuery: false, badRequestEndsSession: false, keepAliveMs: 4_000 },
  ...{ connectTimeoutMs: 3_000, timeoutMs: 5_000, idleTimeoutMs: 7_000 },
})
beforeEach(async () => {
  upstream = await startRawUpstream()
  connections = pool()
})
afterEach(async () => {
  vi.useRealTimers()
  connections.close()
  await upstream.close()
})

/** Resolves with what was heard: the body, or why there is none. */
interface Heard {
  readonly carried: ExchangeControl
  readonly headed: Promise<void>
  readonly ended: Promise<string | Refusal>
}

function carry(
  on = connections,
  head = HEAD,
  body = BODY,
  onHead: (carried: () => ExchangeControl) => void = () => {},
): Heard {
  const headed = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string | Refusal>()
  let text = ''
  const exchange: UpstreamExchange = {
    head: () => {
      onHead(() => carried)
      headed.resolve()
    },
    data: (piece) => {
      text += piece.toString('latin1')
    },
    end: () => ended.resolve(text),
    fail: (refusal) => ended.resolve(refusal),
  }
  const carried = on.carry({ caller: 'a', head, body }, exchange) as ExchangeControl
  return { carried, headed: headed.promise, ended: ended.promise }
}

const always = (bytes: string) => {
  upstream.respond = (socket) => socket.write(bytes, 'latin1')
}

describe('L32 one connection', () => {
  test('carries one exchange after another', async () => {
    const one = pool(1)
    always(OK)
    for (let i = 0; i < 3; i += 1) expect(await carry(one).ended).toBe('ok')
    expect(upstream.sockets.length).toBe(1)
    expect(upstream.sockets[0]?.text()).toBe(`${HEAD}{}`.repeat(3))
    one.close()
  })

  test('never carries two at one time', async () => {
    always(OK)
    const both = [carry(), carry()]
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual(['ok', 'ok'])
    expect(upstream.sockets.length).toBe(2)
  })

  test.each([
    ['bytes that nobody asked for', `${OK}HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother`, 'ok'],
    ['Connection: close', OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'), 'ok'],
    ['a keep-alive of a second', OK.replace('\r\n\r\n', '\r\nkeep-alive: timeout=1\r\n\r\n'), 'ok'],
    ['HTTP/1.0', OK.replace('1.1', '1.0'), 'ok'],
    ['L41 an error, which may have crossed its request', OK.replace('200 OK', '408 Late'), 'ok'],
    ['204 with a length', 'HTTP/1.1 204 No\r\ncontent-length: 2\r\n\r\n', ''],
  ])('carries nothing after %s', async (_what, bytes, expected) => {
    always(bytes)
    expect(await carry().ended).toBe(expected)
    expect(await carry().ended).toBe(expected)
    expect(upstream.sockets.length).toBe(2)
  })

  test('is left when bytes come on it while it is free', async () => {
    always(OK)
    await carry().ended
    const [first] = upstream.sockets
    const left = new Promise((resolve) => first?.socket.once('close', resolve))
    first?.socket.write(OK)
    await left
    expect(await carry().ended).toBe('ok')
    expect(upstream.sockets.length).toBe(2)
  })

  test('is left when the upstream closes it, whatever it said', async () => {
    always(OK)
    await carry().ended
    const left = new Promise((resolve) => upstream.sockets[0]?.socket.once('close', resolve))
    upstream.sockets[0]?.socket.end()
    await left
    expect(await carry().ended).toBe('ok')
    expect(upstream.sockets.length).toBe(2)
  })

  test('is left when its exchange is aborted on the last piece of an answer', async () => {
    const one = pool(1)
    always(OK)
    const heard: Promise<string | Refusal>[] = []
    const refused = one.carry(
      { caller: 'a', head: HEAD, body: BODY },
      { ...{ head() {}, end() {}, fail() {} }, data: () => refused?.abort() },
    )
    for (let i = 0; i < 2; i += 1) heard.push(carry(one).ended)
    expect(await Promise.all(heard)).toEqual(['ok', 'ok'])
    expect(upstream.sockets.length).toBe(2)
    one.close()
  })

  test('goes on after an answer that was whole before anybody read it', async () => {
    const one = pool(1)
    always(OK)
    expect(await carry(one, HEAD, BODY, (carried) => carried().pause()).ended).toBe('ok')
    expect(await carry(one).ended).toBe('ok')
    expect(upstream.sockets.length).toBe(1)
    one.close()
  })

  test('L25 hears no abort of an exchange that has ended', async () => {
    always(OK)
    const first = carry()
    await first.ended
    const second = carry()
    first.carried.abort()
    first.carried.pause()
    expect(await second.ended).toBe('ok')
  })

  test('carries nothing after an answer that came before its request was taken', async () => {
    upstream.respond = (socket) => {
      socket.pause() // reads no more of it
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
    }
    const big = Buffer.alloc(16 * 1024 * 1024, 'x')
    const head = `POST /mcp HTTP/1.1\r\nhost: a\r\ncontent-length: ${big.length}\r\n\r\n`
    expect(await carry(connections, head, big).ended).toBe('no')
    always(OK)
    expect(await carry().ended).toBe('ok')
    expect(upstream.sockets.length).toBe(2)
  })
})

describe('D08 when all connections are in use', () => {
  test('an exchange waits for one, and takes the one that is free first', async () => {
    const one = pool(1)
    always(OK)
    const three = [carry(one), carry(one), carry(one)]
    expect(await Promise.all(three.map(({ ended }) => ended))).toEqual(['ok', 'ok', 'ok'])
    expect(upstream.sockets.length).toBe(1)
    one.close()
  })

  test('one that waits no more is not sent', async () => {
    const one = pool(1)
    always(OK)
    const [first, second, third] = [carry(one), carry(one), carry(one)]
    second.carried.abort()
    expect(await Promise.all([first.ended, third.ended])).toEqual(['ok', 'ok'])
    expect(upstream.sockets[0]?.text()).toBe(`${HEAD}{}`.repeat(2))
    one.close()
  })

  test('one that waits gets a new connection when the other breaks', async () => {
    const one = pool(1)
    upstream.respond = (socket) => {
      always(OK)
      socket.destroy()
    }
    const [first, second] = [carry(one), carry(one)]
    expect(await first.ended).toMatchObject({ reason: 'upstream_unreachable' })
    expect(await second.ended).toBe('ok')
    one.close()
  })
})

describe('each wait has an end', () => {
  const timers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })

  test('F02 for the connection', async () => {
    timers()
    const heard = Promise.withResolvers<Refusal>()
    const silent = new Socket() // never connects
    const connection = new Connection({
      ...{
        open: () => silent,
        buffer: Buffer.alloc(16),
        knownNames: [],
        waits: settings(),
        turns: createReadingTurns(),
        onFree: () => {},
        onGone: () => {},
      },
    })
    connection.send({ head: HEAD, body: BODY }, { head() {}, data() {}, end() {}, fail: heard.resolve })
    vi.advanceTimersByTime(3_000)
    expect(await heard.promise).toEqual({
      reason: 'upstream_timeout',
      detail: 'no connection within 3000 ms',
    })
    expect(silent.destroyed).toBe(true)
  })

  /** An exchange whose request the upstream has seen. */
  async function asked(bytes?: string): Promise<Heard> {
    const seen = Promise.withResolvers<void>()
    upstream.respond = (socket) => {
      if (bytes !== undefined) socket.write(bytes)
      seen.resolve()
    }
    timers()
    const heard = carry()
    await seen.promise
    if (bytes !== undefined) await heard.headed
    return heard
  }

  test('F02 for the beginning of the answer', async () => {
    const heard = await asked()
    vi.advanceTimersByTime(5_000)
    expect(await heard.ended).toEqual({ reason: 'upstream_timeout', detail: 'no answer within 5000 ms' })
  })

  test('F03 for the next piece of it', async () => {
    const heard = await asked('HTTP/1.1 200 OK\r\n\r\nhello')
    vi.advanceTimersByTime(7_000)
    expect(await heard.ended).toEqual({
      reason: 'upstream_timeout',
      detail: 'nothing more of the answer within 7000 ms',
    })
  })

  test('D08 for one to be free, while streams hold them all', async () => {
    const one = pool(1)
    upstream.respond = (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nhello')
    const stream = carry(one)
    await stream.headed
    stream.carried.pause() // its own wait is none of this test
    timers()
    const heard = carry(one)
    vi.advanceTimersByTime(5_000)
    expect(await heard.ended).toEqual({
      reason: 'overloaded',
      detail: 'no free connection to the upstream within 5000 ms',
    })
    always(OK)
    const next = carry(one)
    stream.carried.abort()
    expect(await next.ended).toBe('ok')
    one.close()
  })

  test('a client that does not read is no fault of the upstream', async () => {
    const heard = await asked('HTTP/1.1 200 OK\r\n\r\nhello')
    heard.carried.pause()
    vi.advanceTimersByTime(60_000)
    heard.carried.resume()
    upstream.sockets[0]?.socket.end(' world')
    expect(await heard.ended).toBe('hello world')
  })

  test('for the next exchange', async () => {
    const heard = await asked(OK)
    expect(await heard.ended).toBe('ok')
    const left = new Promise((resolve) => upstream.sockets[0]?.socket.once('close', resolve))
    vi.advanceTimersByTime(4_000)
    await left
  })
})
