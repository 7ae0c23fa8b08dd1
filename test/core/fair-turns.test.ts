// Work in turns of the event loop: a few items together, a crowd in parts, and nobody behind all of it.
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inFairTurns } from '../../src/core/fair-turns.ts'

interface Item {
  readonly key: string
  readonly nth: number
}

function worked() {
  const seen: string[] = []
  const hand = inFairTurns<Item>(
    ({ key }) => key,
    ({ key, nth }) => void seen.push(`${key}${nth}`),
  )
  const crowd = (key: string, count: number) => {
    for (let nth = 0; nth < count; nth += 1) hand({ key, nth })
  }
  return { seen, crowd }
}

test('what came in one turn is worked off in its order when the turn ends, and once', async () => {
  const { seen, crowd } = worked()
  crowd('a', 1)
  crowd('b', 1)
  expect(seen).toEqual([])
  await turn()
  expect(seen).toEqual(['a0', 'b0'])
  await turn()
  expect(seen).toEqual(['a0', 'b0'])
})

test('D92 one who sends hundreds at once makes another wait for one turn', async () => {
  const { seen, crowd } = worked()
  crowd('a', 500)
  crowd('b', 1)
  await turn()
  expect(seen).toHaveLength(32)
  await turn()
  expect(seen.slice(32, 35)).toEqual(['a32', 'b0', 'a33'])
})

test('all are done, each key in its order, also those that come meanwhile', async () => {
  const { seen, crowd } = worked()
  crowd('a', 300)
  await turn()
  crowd('b', 100)
  for (let turns = 0; turns < 20; turns += 1) await turn()
  const of = (key: string) => seen.filter((item) => item.startsWith(key))
  expect(of('a')).toEqual(Array.from({ length: 300 }, (_, nth) => `a${nth}`))
  expect(of('b')).toEqual(Array.from({ length: 100 }, (_, nth) => `b${nth}`))
})

test('D10 what finds no room to wait is done at once', async () => {
  const { seen, crowd } = worked()
  crowd('a', 32 + 1_024 + 3)
  expect(seen).toHaveLength(3)
  for (let turns = 0; turns < 40; turns += 1) await turn()
  expect(seen).toHaveLength(32 + 1_024 + 3)
})
