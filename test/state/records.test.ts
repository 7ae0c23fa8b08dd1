// Records that several gateways share: each is added once, replaced by who saw it last, and gone where a server may have
// forgotten that. In memory, and in a real server (Debian's redis-server 7.0.15); test/workers/approvals.test.ts goes through the
// channel of workers.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SharedRecords, SharedState } from '../../src/core/shared-state.ts'
import { createRecordsInMemory } from '../../src/gateway/records-in-memory.ts'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { openTestState } from './open-state.ts'

const BOUNDS = { forMs: 60_000, size: 4, share: 2 }

/** What holds for one table, seen by two gateways. */
async function isKept(one: SharedRecords, other: SharedRecords): Promise<void> {
  expect(await one.add('ada', 'a', 'waits')).toBe('added')
  expect(await other.add('ada', 'a', 'once more')).toBe('held')
  expect(await other.find('a')).toBe('waits')
  expect(await one.find('b')).toBeUndefined()
  const both = await Promise.all([one.replace('a', 'waits', 'yes'), other.replace('a', 'waits', 'no')])
  expect(both.toSorted()).toEqual([false, true])
  expect(await one.find('a')).toBe(both[0] ? 'yes' : 'no')
  expect(await one.list()).toEqual([{ key: 'a', text: await other.find('a') }])
  expect(await other.add('ada', 'b', 'x')).toBe('added')
  expect(await one.add('ada', 'c', 'x')).toBe('share')
  expect([await one.add('bob', 'c', 'x'), await one.add('bob', 'd', 'x')]).toEqual(['added', 'added'])
  expect(await other.add('eve', 'e', 'x')).toBe('full')
  expect(await other.replace('b', 'x', undefined)).toBe(true)
  expect(await one.replace('b', 'x', undefined)).toBe(false)
  expect(await one.add('eve', 'e', 'x')).toBe('added')
}

describe('in memory', () => {
  test('a record is added once, and replaced by who saw it last', async () => {
    const state = createStateInMemory()
    await isKept(state.records('test', BOUNDS), state.records('test', BOUNDS))
  })

  test('a record that has ended makes room', () => {
    let now = 0
    const records = createRecordsInMemory(BOUNDS, () => now)
    records.add('ada', 'a', 'x')
    now = BOUNDS.forMs
    expect([records.find('a'), records.list(), records.replace('a', 'x', 'y')]).toEqual([
      undefined,
      [],
      false,
    ])
    expect([records.add('ada', 'a', 'x'), records.add('ada', 'b', 'x')]).toEqual(['added', 'added'])
  })
})

describe.skipIf(redisMissing() !== undefined)('in a real server', () => {
  let redis: TestRedis
  let states: SharedState[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(states.map((state) => state.close()))
    states = []
    redis.cli('FLUSHALL')
  })
  afterAll(() => redis.close())

  const join = async (): Promise<SharedRecords> => {
    const state = await openTestState(stateSettings([redis.port]))
    states.push(state)
    return state.records('test', BOUNDS)
  }

  test('a record is added once, and replaced by who saw it last', async () => {
    await isKept(await join(), await join())
  })

  test('of many who replace it at the same time one does', async () => {
    const records = [await join(), await join()] as const
    await records[0].add('ada', 'a', 'waits')
    const tries = Array.from({ length: 40 }, (_, index) =>
      records[index % 2 === 0 ? 0 : 1].replace('a', 'waits', `by ${index}`),
    )
    expect((await Promise.all(tries)).filter((isReplaced) => isReplaced)).toHaveLength(1)
  })

  test('a server that was started again has none, even where its disk has them', async () => {
    redis.args.push('--appendonly', 'yes', '--appendfsync', 'always')
    await redis.kill()
    await redis.start()
    const records = await join()
    await until(() => states[0]?.status?.().ready === true, 'the store is there')
    expect(await records.add('ada', 'a', 'approved')).toBe('added')
    await redis.kill()
    await redis.start()
    expect(redis.cli('HGETALL', 'test:{records}texts test')).toContain('approved')
    await until(async () => (await records.find('a')) !== 'unavailable', 'the store is back')
    expect(await records.find('a')).toBeUndefined()
    expect(await records.replace('a', 'approved', 'used')).toBe(false)
  })

  test('while the server is away there is no answer', async () => {
    const records = await join()
    await redis.kill()
    await until(() => states[0]?.status?.().ready === false, 'the store is away')
    const answers = [
      records.add('ada', 'a', 'x'),
      records.find('a'),
      records.replace('a', 'x', 'y'),
      records.list(),
    ]
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 4 }, () => 'unavailable'))
    await redis.start()
  })
})
