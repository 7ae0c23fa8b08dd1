// Unknown tokens of one network: no more are tried at one time than may fail.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAttempts } from '../../src/limits/attempts.ts'
import { createRateLimit } from '../../src/limits/rates.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const open = (count: number) => createAttempts(createRateLimit({ count, seconds: 60 }))

test('D65 attempts at one time are counted before it is known how they end', async () => {
  const attempts = open(2)
  const begun = Array.from({ length: 60 }, () => attempts.begin('net'))
  expect(begun.slice(0, 2)).toEqual([undefined, undefined])
  attempts.end('net', true)
  attempts.end('net', true)
  expect(await Promise.all(begun)).toEqual([undefined, undefined, ...Array(58).fill(60)])
  expect(attempts.begin('net')).toBe(60)
  expect(attempts.begin('elsewhere')).toBeUndefined()
})

test('those that wait go on when others turn out good, in their order', async () => {
  const attempts = open(1)
  const order: string[] = []
  const go = async (name: string) => {
    expect(await attempts.begin('net')).toBeUndefined()
    order.push(name)
  }
  const all = ['a', 'b', 'c'].map(go)
  await vi.advanceTimersByTimeAsync(0)
  expect(order).toEqual(['a'])
  attempts.end('net', false)
  await vi.advanceTimersByTimeAsync(0)
  expect(order).toEqual(['a', 'b'])
  attempts.end('net', false)
  await Promise.all(all)
  attempts.end('net', false)
  expect(attempts.begin('net')).toBeUndefined()
})

test('nobody waits for long, nor do more than there is room for', async () => {
  const attempts = open(1)
  expect(attempts.begin('net')).toBeUndefined()
  const waiting = Array.from({ length: 256 }, () => attempts.begin('net'))
  expect(attempts.begin('net')).toBe(1)
  await vi.advanceTimersByTimeAsync(3_000)
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([1]))
  const later = attempts.begin('net')
  attempts.end('net', false)
  expect(await later).toBeUndefined()
})

test('D65 a limit that is asked elsewhere refuses nobody whose attempts are good, and nobody passes it', async () => {
  const limit = createRateLimit({ count: 2, seconds: 60 })
  const later = <T>(give: () => T) => new Promise<T>((resolve) => setTimeout(() => resolve(give()), 5))
  const attempts = createAttempts({
    take: (key, count) => later(() => limit.take(key, count)),
    peek: (key, count) => later(() => limit.peek(key, count)),
    giveBack: (key, count) => void later(() => limit.giveBack(key, count)),
  })
  let underWay = 0
  let most = 0
  const attempt = async (failed: boolean) => {
    const wait = await attempts.begin('net')
    if (wait !== undefined) return wait
    underWay += 1
    most = Math.max(most, underWay)
    await later(() => undefined)
    underWay -= 1
    attempts.end('net', failed)
    return undefined
  }
  const good = Promise.all(Array.from({ length: 40 }, () => attempt(false)))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await good).toEqual(Array(40).fill(undefined))
  expect(most).toBe(2)
  const bad = Promise.all(Array.from({ length: 40 }, () => attempt(true)))
  await vi.advanceTimersByTimeAsync(2_000)
  expect((await bad).filter((wait) => wait === undefined)).toHaveLength(2)
})
