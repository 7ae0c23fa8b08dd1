// Workers of a gateway that has `state`: what they count and take stands there, so that other gateways see it too.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts'
import { startTestWorkers, type TestWorkers } from '../support/workers.ts'

const PER_MINUTE = 6

describe.skipIf(redisMissing() !== undefined)('workers with a store that gateways share', () => {
  let redis: TestRedis
  let workers: TestWorkers
  beforeAll(async () => {
    redis = await startRedis()
    workers = await startTestWorkers({
      top: `session_key: kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY\nstate: { url: "${redis.url}", timeout: 2s }`,
      route: `    limits: { rate: { per_subject: ${PER_MINUTE}/min } }`,
    })
  }, 60_000)
  afterAll(async () => {
    await workers.close()
    await redis.close()
  })

  test('a limit is kept in the store, and holds for all of them', { timeout: 60_000 }, async () => {
    const statuses: number[] = []
    for (let calls = 0; calls < 2 * PER_MINUTE; calls += 1) statuses.push((await workers.answer()).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(PER_MINUTE)
    expect(Number(redis.cli('DBSIZE'))).toBeGreaterThan(0)
    expect((await workers.readiness()).state).toMatchObject({ ready: true })
    redis.cli('FLUSHALL')
    expect((await workers.answer()).status).toBe(200)
  })
})
