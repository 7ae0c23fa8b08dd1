import { expect, test } from 'vitest'
import { createMemo } from '../../src/lib/memo.ts'

test('a thing is made once for each name', () => {
  const made: string[] = []
  const memo = createMemo<number>()
  const make = (name: string) =>
    memo(name, () => {
      made.push(name)
      return made.length - 1
    })
  expect([make('a'), make('b'), make('a')]).toEqual([0, 1, 0])
  expect(made).toEqual(['a', 'b'])
})
