// Rate limits: how many, for whom, how long to wait, and who is forgotten.
import { expect, test } from 'vitest'
import { createTableBudget } from '../../src/core/table-budget.ts'
import { createRateLimit, type RateLimitInMemory } from '../../src/limits/rates.ts'

function open(
  count: number,
  seconds: number,
  maxKeys?: number,
): RateLimitInMemory & { pass(ms: number): void } {
  let now = 5_000
  const pass = (ms: number) => {
    now += ms
  }
  return { ...createRateLimit({ count, seconds }, () => now, { maxKeys }), pass }
}

test('SCP-13 so many in the time, then seconds to wait', () => {
  const limit = open(2, 60)
  expect([limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([undefined, undefined, 60])
})

test('SCP-13 the wait gets shorter and ends', () => {
  const limit = open(1, 60)
  limit.take('a')
  limit.pass(45_500)
  expect(limit.take('a')).toBe(15)
  limit.pass(14_500)
  expect(limit.take('a')).toBeUndefined()
  expect(limit.take('a')).toBe(60)
})

test('S19 each key has its own', () => {
  const limit = open(1, 60)
  limit.take('a')
  expect(limit.take('b')).toBeUndefined()
  expect(limit.take('a')).toBe(60)
})

test('peek takes nothing', () => {
  const limit = open(1, 60)
  expect([limit.peek('a'), limit.peek('a'), limit.take('a'), limit.peek('a')]).toEqual([
    undefined,
    undefined,
    undefined,
    60,
  ])
})

test('several are taken together or not at all', () => {
  const limit = open(5, 60)
  expect([limit.take('a', 3), limit.take('a', 3), limit.take('a', 2), limit.take('a')]).toEqual([
    undefined,
    60,
    undefined,
    60,
  ])
  expect([limit.peek('b', 6), limit.take('b', 6), limit.take('b', 5)]).toEqual([60, 60, undefined])
})

test('what is given back can be taken again, and never more than was taken', () => {
  const limit = open(2, 60)
  limit.take('a', 2)
  limit.giveBack('a')
  expect([limit.take('a'), limit.take('a')]).toEqual([undefined, 60])
  for (let n = 0; n < 9; n += 1) limit.giveBack('a')
  expect([limit.take('a', 2), limit.take('a')]).toEqual([undefined, 60])
  limit.giveBack('nobody')
})

const strangers = (limit: RateLimitInMemory, count: number, each = 1) => {
  for (let n = 0; n < count; n += 1) for (let taken = 0; taken < each; taken += 1) limit.take(`stranger ${n}`)
}

test('D62 strangers, however many, free nobody who is held back; those who are not are forgotten first', () => {
  const limit = open(2, 3_600, 100)
  limit.take('held', 2)
  limit.take('free')
  strangers(limit, 10_000)
  expect(limit.peek('held')).toBe(3_600)
  expect(limit.take('free', 2)).toBeUndefined()
})

test('D63 where all are held back, those who come new are counted together, until a window ends', () => {
  const limit = open(2, 60, 100)
  limit.take('held', 2)
  limit.pass(1_000)
  strangers(limit, 99, 2)
  expect([limit.take('one'), limit.take('two'), limit.take('three')]).toEqual([undefined, undefined, 60])
  limit.giveBack('one')
  expect([limit.take('four'), limit.take('five')]).toEqual([undefined, 60])
  expect(limit.peek('held')).toBe(59)
  limit.pass(59_000)
  expect(limit.take('five')).toBeUndefined()
  expect(limit.take('five')).toBeUndefined()
  expect(limit.take('six')).toBe(1)
  limit.pass(60_000)
  expect(limit.take('six', 2)).toBeUndefined()
})

test('D64 what has ended leaves the table, whether it was used up or not', () => {
  const limit = open(2, 60, 100)
  strangers(limit, 50)
  limit.pass(1)
  for (let n = 0; n < 50; n += 1) limit.take(`used up ${n}`, 2)
  limit.pass(60_000)
  for (let n = 0; n < 100; n += 1) expect(limit.take(`new ${n}`, 2)).toBeUndefined()
  expect([limit.take('one more', 2), limit.take('another')]).toEqual([undefined, 60])
})

test('D37 windows of all rates together: the rate with the most gives one up, and none that holds back', () => {
  const budget = createTableBudget(10)
  const [few, many] = [1, 2].map(() => createRateLimit({ count: 2, seconds: 60 }, () => 0, { budget }))
  few?.take('a', 2)
  for (let n = 0; n < 100; n += 1) many?.take(`${n}`)
  expect(few?.peek('a')).toBe(60)
  expect([many?.peek('99', 2), many?.peek('0', 2)]).toEqual([60, undefined])
})

test('D37 where every window of the largest rate holds back, newcomers count together', () => {
  const budget = createTableBudget(4)
  const [spent, other] = [1, 2].map(() => createRateLimit({ count: 1, seconds: 60 }, () => 0, { budget }))
  for (let n = 0; n < 4; n += 1) spent?.take(`${n}`)
  expect([other?.take('a'), other?.take('b')]).toEqual([undefined, 60])
  expect(spent?.peek('0')).toBe(60)
})
