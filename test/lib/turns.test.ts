// One at a time under one name: order, failures, and names that do not wait for each other.
import { expect, test } from 'vitest'
import { createTurns } from '../../src/lib/turns.ts'

test('what is begun under one name runs one after the other, whatever becomes of it', async () => {
  const inTurn = createTurns()
  const seen: string[] = []
  let under = 0
  let most = 0
  const step = (name: string, fails = false) =>
    inTurn('a', async () => {
      under += 1
      most = Math.max(most, under)
      await new Promise((resolve) => setImmediate(resolve))
      under -= 1
      seen.push(name)
      if (fails) throw new Error(name)
      return name
    })
  const all = await Promise.allSettled([step('1'), step('2', true), step('3'), step('4')])
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect([seen[0], most]).toEqual(['1', 1])
  expect(seen.toSorted()).toEqual(['1', '2', '3', '4'])
})

test('another name does not wait', async () => {
  const inTurn = createTurns()
  const first = Promise.withResolvers<void>()
  const waiting = inTurn('a', () => first.promise)
  expect(await inTurn('b', async () => 'done')).toBe('done')
  first.resolve()
  await waiting
})
