// The connections to an upstream among callers, over real sockets: a share for each, and turns for those who wait.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Refusal } from '../../src/core/refusal.ts'
import {
  type Connections,
  createConnections,
  createLeg,
  type ExchangeControl,
} from '../../src/upstream/connections.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

let upstream: RawUpstream
let connections: Connections
/** Who was sent, in the order in which the upstream saw it. */
let seen: string[]
/** Answers the oldest request that has none. */
let answerOne: () => void
beforeEach(async () => {
  upstream = await startRawUpstream()
  seen = []
  const unanswered: (() => void)[] = []
  upstream.respond = (socket) => void unanswered.push(() => socket.write(OK))
  answerOne = () => unanswered.shift()?.()
})
afterEach(async () => {
  connections.close()
  await upstream.close()
})

function pool(size: number, sharePerCaller: number): void {
  const waits = { connectTimeoutMs: 3_000, timeoutMs: 5_000, idleTimeoutMs: 7_000 }
  const leg = createLeg({
    url: upstream.url,
    transport: 'http',
    ca: undefined,
    passQuery: false,
    badRequestEndsSession: false,
    keepAliveMs: 4_000,
    ...waits,
  })
  connections = createConnections(leg, { connections: size, sharePerCaller })
}

interface Heard {
  readonly carried: ExchangeControl | undefined
  readonly ended: Promise<'answered' | Refusal>
}

function carry(caller: string): Heard {
  const { promise, resolve } = Promise.withResolvers<'answered' | Refusal>()
  const exchange = {
    head() {},
    data() {},
    end() {
      seen.push(caller)
      resolve('answered')
    },
    fail: resolve,
  }
  const head = `GET /${caller} HTTP/1.1\r\nhost: a\r\n\r\n`
  return { carried: connections.carry({ caller, head, body: undefined }, exchange), ended: promise }
}

const sent = () =>
  expect.poll(
    () =>
      upstream.sockets
        .map(({ text }) => text())
        .join('')
        .split('GET').length - 1,
  )

test('D42 a caller holds its share and no more while others have room', async () => {
  pool(4, 0.5)
  const greedy = Array.from({ length: 10 }, () => carry('greedy'))
  await sent().toBe(2)
  const modest = carry('modest')
  await sent().toBe(3)
  for (let i = 0; i < 3; i += 1) answerOne()
  expect(await modest.ended).toBe('answered')
  for (let i = 0; i < 8; i += 1) {
    await sent().toBe(Math.min(11, 5 + i))
    answerOne()
  }
  expect(await Promise.all(greedy.map(({ ended }) => ended))).toEqual(Array(10).fill('answered'))
})

test('D42 those who wait take turns: one call is not behind a hundred', async () => {
  pool(1, 1)
  const first = carry('greedy')
  const many = Array.from({ length: 5 }, () => carry('greedy'))
  const modest = carry('modest')
  const all = [first, ...many, modest]
  for (let count = 1; count <= all.length; count += 1) {
    await sent().toBe(count)
    answerOne()
  }
  await Promise.all(all.map(({ ended }) => ended))
  expect(seen).toEqual(['greedy', 'greedy', 'modest', 'greedy', 'greedy', 'greedy', 'greedy'])
})

test('D42 one caller cannot fill the room to wait', () => {
  pool(4, 0.25)
  const taken = Array.from({ length: 300 }, () => carry('greedy').carried !== undefined)
  expect(taken.filter(Boolean)).toHaveLength(1 + 256)
  expect(carry('modest').carried).toBeDefined()
})

test('D42 a place comes back however an exchange ends', async () => {
  pool(4, 0.25)
  const aborted = carry('a')
  await sent().toBe(1)
  aborted.carried?.abort()
  const broken = carry('a')
  await sent().toBe(2)
  for (const { socket } of upstream.sockets) socket.destroy()
  expect(await broken.ended).toMatchObject({ reason: 'upstream_unreachable' })
  const left = carry('a')
  const waits = carry('a')
  waits.carried?.abort() // while it waits
  await sent().toBe(3)
  upstream.respond = (socket) => socket.write(OK)
  left.carried?.abort()
  expect(await carry('a').ended).toBe('answered')
})

test('closing fails those under way and those that wait', async () => {
  pool(1, 1)
  const both = [carry('a'), carry('a')]
  connections.close()
  const failed = { reason: 'overloaded', detail: 'the gateway is stopping', retryAfterSeconds: 1 }
  expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([failed, failed])
})
