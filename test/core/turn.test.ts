import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { andThen, batchPerTurn, nextStep } from '../../src/core/turn.ts'

test('what came in one turn is worked off in its order when the turn ends, and once', async () => {
  const seen: string[] = []
  const hand = batchPerTurn((item: string) => seen.push(item))
  hand('a')
  hand('b')
  expect(seen).toEqual([])
  await turn()
  expect(seen).toEqual(['a', 'b'])
  await turn()
  expect(seen).toEqual(['a', 'b'])
  hand('c')
  await turn()
  expect(seen).toEqual(['a', 'b', 'c'])
})

test('each step is done for all before the next step is begun for one', async () => {
  const steps: string[] = []
  const walk = async (item: string) => {
    steps.push(`${item}1`)
    await nextStep(undefined)
    steps.push(`${item}2`)
    await nextStep(undefined)
    steps.push(`${item}3`)
  }
  const hand = batchPerTurn((item: string) => void walk(item))
  for (const item of ['a', 'b', 'c']) hand(item)
  await turn()
  expect(steps).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
})

test('what is handed over meanwhile is for the next turn', async () => {
  const seen: number[] = []
  const hand = batchPerTurn((item: number) => {
    seen.push(item)
    if (item < 3) hand(item + 1)
  })
  hand(1)
  await turn()
  expect(seen).toEqual([1])
  await turn()
  await turn()
  expect(seen).toEqual([1, 2, 3])
})

test('D10 a crowd does not wait for the end of the turn', async () => {
  const seen: number[] = []
  const hand = batchPerTurn((item: number) => seen.push(item))
  const crowd = Array.from({ length: 150 }, (_, n) => n)
  for (const item of crowd) hand(item)
  expect(seen).toEqual(crowd.slice(0, 128))
  await turn()
  expect(seen).toEqual(crowd)
})

test('what is known goes on at once, what is not when it comes', async () => {
  const seen: string[] = []
  const see = (value: string) => {
    seen.push(value)
    return value.length
  }
  expect(andThen('known', see)).toBe(5)
  const later = andThen(Promise.resolve('asked for'), see)
  expect(seen).toEqual(['known'])
  expect(await later).toBe(9)
  expect(seen).toEqual(['known', 'asked for'])
})
