// Reading in turns: a bound for each turn of the event loop, and callers in turns beyond it.
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createReadingTurns } from '../../src/upstream/reading-turns.ts'

const PIECE = 65_536

test('small pieces are read on, however many', () => {
  const turns = createReadingTurns()
  const all = Array.from({ length: 1_000 }, () => turns.mayReadOn('a', 1_024, () => {}))
  expect(all.every((mayReadOn) => mayReadOn)).toBe(true)
})

test('D93 beyond the bound of a turn connections wait, and callers take turns', async () => {
  const turns = createReadingTurns()
  const order: string[] = []
  const read = (caller: string, nth: number) =>
    turns.mayReadOn(caller, PIECE, () => order.push(`${caller}${nth}`))
  const stopped = Array.from({ length: 10 }, (_, nth) => read('a', nth))
  expect(stopped.filter((mayReadOn) => mayReadOn)).toHaveLength(3)
  expect(read('b', 0)).toBe(false)
  expect(order).toEqual([])
  await turn()
  expect(order).toEqual(['a3', 'b0', 'a4', 'a5'])
  expect(read('a', 10)).toBe(true)
  await turn()
  await turn()
  expect(order).toHaveLength(8)
})
