// A call that its client cancels at another gateway than the one where it runs: over the socket, with a real server that
// both share (Debian's redis-server 7.0.15, or valkey-server where it is installed); and how much one caller may tell.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CancelledCall, FeedEvent } from '../../src/core/shared-state.ts'
import type { AllowedCall } from '../../src/exchange/request-state.ts'
import { createCancellableCalls } from '../../src/gateway/cancelled-elsewhere.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { redisMissing, startRedis, type TestRedis, until } from '../support/redis.ts'
import {
  type Held,
  holdRequests,
  nextResponseClosed,
  openStream,
  startEvents,
  startRequest,
} from '../support/stream.ts'

describe.skipIf(redisMissing() !== undefined)('a call at one gateway, cancelled at another', () => {
  let redis: TestRedis
  let one: TestGateway
  let other: TestGateway
  let next: () => Promise<Held>
  beforeAll(async () => {
    redis = await startRedis()
    const top = `session_key: kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY\nstate: { url: "${redis.url}" }`
    one = await startTestGateway({ top })
    other = await startTestGateway({ top, beside: one })
    const isShared = async ({ running }: TestGateway) =>
      JSON.stringify(await (await fetch(`${running.adminOrigin}/readyz`)).json()).includes(
        '"name":"state","ready":true',
      )
    await until(async () => (await isShared(one)) && (await isShared(other)), 'both are connected')
    await until(isHeard, 'each reads what the other says')
  })
  beforeEach(() => {
    next = holdRequests(one.upstream)
  })
  afterAll(async () => {
    await other.close()
    await one.close()
    await redis.close()
  })

  const authorized = (sub = 'user-1') => ({
    ...callOf('legacy').headers,
    authorization: `Bearer ${one.token('a', { sub })}`,
  })
  const begin = async (id: string | number = 1) => {
    const { body } = callOf('legacy', 'safe', id)
    const client = startRequest(one.resource, { method: 'POST', body, headers: authorized() })
    return { client, held: await next() }
  }
  const cancel = async (requestId: string | number, sub = 'user-1') => {
    const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }
    const sent = openStream(`${other.origin}/mcp/a`, { method: 'POST', body, headers: authorized(sub) })
    const heard = await next()
    heard.response.writeHead(202).end()
    expect((await sent).status).toBe(202)
  }
  /** A gateway reads from the moment on at which it began; what was said before, it does not hear. */
  const isHeard = async () => {
    next = holdRequests(one.upstream)
    const { client, held } = await begin('first')
    await cancel('first')
    client.leave()
    const isOver = await Promise.race([held.closed.then(() => true), delay(500, false)])
    if (!isOver) held.response.writeHead(202).end()
    return isOver
  }
  /** What is told later is heard later. */
  const allIsHeard = async () => {
    const { client, held } = await begin('last')
    await cancel('last')
    client.leave()
    await held.closed
  }

  test('ends when its client leaves', async () => {
    const { client, held } = await begin()
    await cancel(1)
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
  })

  test('ends at once where its client has left', async () => {
    const left = nextResponseClosed(one.origin)
    const { client, held } = await begin()
    client.leave()
    await left
    await cancel(1)
    await held.closed
    expect(held.response.writableEnded).toBe(false)
  })

  test.each([
    ['another id', 'x', 'user-1'],
    ['the id of a call of somebody else', 1, 'mallory'],
  ])('%s ends nothing', async (_what, id, sub) => {
    const left = nextResponseClosed(one.origin)
    const { client, held } = await begin()
    await cancel(id, sub)
    client.leave()
    await left
    await allIsHeard()
    startEvents(held.response, 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
    held.response.end()
    await held.closed
    expect(held.response.writableFinished).toBe(true)
  })
})

test('one caller tells the others of ten cancellations in a second, and all callers together of two hundred', () => {
  const told: FeedEvent[] = []
  let now = 0
  const feed = { publish: (event: FeedEvent) => void told.push(event), listen: () => () => undefined }
  const calls = createCancellableCalls(feed, () => now)
  const cancel = (caller: string, id: string) =>
    calls.cancel({
      caller: { key: caller, principal: {} },
      session: undefined,
      endpoint: { route: { name: 'a' } },
      message: { calls: [{ cancels: id }] },
    } as unknown as AllowedCall)
  for (let n = 0; n < 30; n += 1) cancel('eve', `${n}`)
  expect(told.map((event) => (event as CancelledCall).id)).toEqual(
    Array.from({ length: 10 }, (_, n) => `${n}`),
  )
  for (let n = 0; n < 300; n += 1) cancel(`caller ${n}`, '1')
  expect(told).toHaveLength(200)
  now = 1_001
  cancel('eve', 'x'.repeat(257))
  cancel('eve', 'later')
  expect(told).toHaveLength(201)
})
