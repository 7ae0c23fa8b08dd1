// Rate limits: how many, for whom, and how long to wait. Time is vitest's.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRateLimit } from '../../src/limits/rates.ts'

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

test('SCP-13 so many in the time, then seconds to wait', async () => {
  const limit = createRateLimit({ count: 2, seconds: 60 })
  expect([await limit.take('a'), await limit.take('a'), await limit.take('a')]).toEqual([
    undefined,
    undefined,
    60,
  ])
})

test('SCP-13 the wait gets shorter and ends', async () => {
  const limit = createRateLimit({ count: 1, seconds: 60 })
  await limit.take('a')
  vi.advanceTimersByTime(45_500)
  expect(await limit.take('a')).toBe(15)
  vi.advanceTimersByTime(14_600)
  expect(await limit.take('a')).toBeUndefined()
})

test('S19 each key has its own', async () => {
  const limit = createRateLimit({ count: 1, seconds: 60 })
  await limit.take('a')
  expect(await limit.take('b')).toBeUndefined()
  expect(await limit.take('a')).toBe(60)
})

test('peek takes nothing', async () => {
  const limit = createRateLimit({ count: 1, seconds: 60 })
  expect(await limit.peek('a')).toBeUndefined()
  expect(await limit.peek('a')).toBeUndefined()
  expect(await limit.take('a')).toBeUndefined()
  expect(await limit.peek('a')).toBe(60)
})

test('the table has a limit: the least recently seen key is forgotten first', async () => {
  const limit = createRateLimit({ count: 1, seconds: 3_600 })
  await limit.take('first')
  for (let i = 0; i < 9_999; i += 1) await limit.take(`k${i}`)
  expect(await limit.peek('first')).toBe(3_600)
  await limit.take('one more')
  expect(await limit.peek('first')).toBeUndefined()
  expect(await limit.peek('k9998')).toBe(3_600)
})
