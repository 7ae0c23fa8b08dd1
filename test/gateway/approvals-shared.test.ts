// Approvals of several gateways with one real Redis (Debian's redis-server 7.0.15): one decision and one use over all of them,
// what a restart leaves (docs/decisions.md, 35), and a store that is away.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Approving, startApproving } from '../support/approving.ts'
import { redisMissing, startRedis, type TestRedis, until } from '../support/redis.ts'

describe.skipIf(redisMissing() !== undefined)('approvals that gateways share', () => {
  let redis: TestRedis
  let scene: Approving
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await scene.close()
    redis.cli('FLUSHALL')
  })
  afterAll(() => redis.close())

  const start = async () => {
    scene = await startApproving({ redis: redis.url })
    const first = scene.gateway
    return { first, second: await scene.join() }
  }

  test('asked for at one, decided at the other, used at the first', async () => {
    const { first, second } = await start()
    scene.at(first)
    const id = await scene.ask()
    scene.at(second)
    expect(await scene.ask()).toBe(id)
    expect((await scene.approve(id)).status).toBe(200)
    scene.at(first)
    expect(await scene.call()).toMatchObject({ status: 200, isError: undefined })
    scene.at(second)
    expect(await scene.call()).toMatchObject({ isError: true })
    expect(scene.reached()).toBe(1)
  })

  test('the race of two approvers at two gateways: one decision', async () => {
    const { first, second } = await start()
    const id = await scene.ask()
    const digest = await scene.digestOf(id)
    const tries = Array.from({ length: 10 }, (_, index) => {
      scene.at(index % 2 === 0 ? first : second)
      const decision = index % 2 === 0 ? 'approve' : 'deny'
      return scene.post(`/approvals/${id}`, { decision, digest }, 'night')
    })
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(9)
    const told = [first, second].flatMap((one) => one.audit()).map(({ event }) => String(event))
    expect(told.filter((event) => /granted|denied/.test(event))).toHaveLength(1)
  })

  test('of ten equal calls at two gateways one is made', async () => {
    const { first, second } = await start()
    await scene.approve(await scene.ask())
    const calls = Array.from({ length: 10 }, (_, index) => {
      scene.at(index % 2 === 0 ? first : second)
      return scene.call()
    })
    await Promise.all(calls)
    expect(scene.reached()).toBe(1)
  })

  test('a message of the service counts at once, and once over all of them', async () => {
    const { first, second } = await start()
    const send = await scene.decisionBy({ subject: 'ada' }, await scene.ask())
    scene.at(first)
    expect((await send()).status).toBe(200)
    scene.at(second)
    expect((await send()).status).toBe(409)
    await scene.call()
    expect((await send()).status).toBe(404)
    expect(scene.reached()).toBe(1)
  })

  test('gateways that start again find what waits and what was approved', async () => {
    const { first, second } = await start()
    const id = await scene.ask()
    const other = await scene.ask({}, 2)
    await first.running.close(0)
    await second.running.close(0)
    await scene.join()
    expect((await scene.approve(id)).status).toBe(200)
    await scene.restart()
    expect(await scene.call()).toMatchObject({ isError: undefined })
    expect(await scene.ask({}, 2)).toBe(other)
    expect(scene.reached()).toBe(1)
  })

  test('while the store is away nothing is asked, decided or used', async () => {
    const { first } = await start()
    scene.at(first)
    const id = await scene.ask()
    await scene.approve(id)
    const digest = await scene.digestOf(id)
    redis.freeze()
    try {
      expect((await scene.call()).status).toBe(503)
      expect(first.audit().at(-1)).toMatchObject({ reason: 'state_unavailable', detail: 'approvals' })
      expect((await scene.get('/approvals', 'viewer')).status).toBe(503)
      const decision = { decision: 'deny', digest }
      expect((await scene.post(`/approvals/${id}`, decision, 'night')).status).toBe(503)
      expect(scene.reached()).toBe(0)
    } finally {
      redis.thaw()
    }
    await until(async () => (await scene.get('/approvals', 'viewer')).status === 200, 'the store is back')
    expect(await scene.call()).toMatchObject({ isError: undefined })
  })

  test('nothing that was sent stands in the store', async () => {
    await start()
    await scene.ask()
    const kept = redis.cli('HGETALL', 'portcullis:{records}texts approvals')
    expect(kept.length).toBeGreaterThan(100)
    expect(kept).not.toMatch(/bob|pay|sum/)
  })
})
