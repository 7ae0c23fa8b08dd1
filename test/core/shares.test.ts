// What is held at one time, by whom: never more than a share for one, never more than the size for all, and nothing is
// left behind when all of it was given back.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createShares, shareOf } from '../../src/core/shares.ts'

test('one key holds its share and no more, and another still gets its own', () => {
  const shares = createShares({ size: 4, share: 2 })
  expect([shares.take('a'), shares.take('a'), shares.take('a')]).toEqual([undefined, undefined, 'share'])
  expect(shares.take('b', 2)).toBeUndefined()
  expect(shares.take('c')).toBe('full')
  shares.give('a')
  expect(shares.take('c')).toBeUndefined()
  expect([shares.held('a'), shares.held('b'), shares.held('c'), shares.used]).toEqual([1, 2, 1, 4])
})

test('an amount is taken whole or not at all', () => {
  const shares = createShares({ size: 10, share: 6 })
  expect(shares.take('a', 7)).toBe('share')
  expect(shares.take('a', 6)).toBeUndefined()
  expect(shares.take('b', 5)).toBe('full')
  expect(shares.used).toBe(6)
})

test('a place is given back once, however often it is left', () => {
  const shares = createShares({ size: 4, share: 2 })
  const leave = shares.enter('a')
  shares.enter('a')
  expect(shares.enter('a')).toBeUndefined()
  leave?.()
  leave?.()
  expect(shares.held('a')).toBe(1)
})

test('more than was taken cannot be given back', () => {
  const shares = createShares({ size: 4, share: 2 })
  expect(() => shares.give('a')).toThrow(/more is given back/)
})

test('a share is a part of the size, and at least one', () => {
  expect([shareOf(1_024, 0.25), shareOf(2, 0.25), shareOf(10, 1)]).toEqual([256, 1, 10])
})

test('whatever is taken and given, nobody is over, and nothing stays when all is given back', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    amount: fc.integer({ min: 0, max: 9 }),
    gives: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const shares = createShares({ size: 20, share: 8 })
      const held = new Map<string, number[]>()
      const sumOf = (key: string) => (held.get(key) ?? []).reduce((a, b) => a + b, 0)
      for (const { key, amount, gives } of steps) {
        const given = gives ? held.get(key)?.pop() : undefined
        if (given !== undefined) shares.give(key, given)
        else {
          const all = [...held.keys()].reduce((sum, each) => sum + sumOf(each), 0)
          const expected = sumOf(key) + amount > 8 ? 'share' : all + amount > 20 ? 'full' : undefined
          expect(shares.take(key, amount)).toBe(expected)
          if (expected === undefined) held.set(key, [...(held.get(key) ?? []), amount])
        }
        expect(shares.held(key)).toBe(sumOf(key))
      }
      for (const [key, amounts] of held) for (const amount of amounts) shares.give(key, amount)
      expect(shares.used).toBe(0)
      expect([...held.keys()].map((key) => shares.held(key)).every((left) => left === 0)).toBe(true)
    }),
  )
})
