// A table that many share: what an owner may hold, and who gives way.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSharedTable, type SharedTable } from '../../src/core/shared-table.ts'

const fill = (table: SharedTable<number>, owner: string, count: number) => {
  for (let n = 0; n < count; n += 1) table.set(`${owner}${n}`, owner, n)
}

test('an owner at its share loses its own oldest, and nobody else loses anything', () => {
  const table = createSharedTable<number>({ size: 100, share: 25 })
  fill(table, 'b', 1)
  fill(table, 'a', 10_000)
  expect(table.heldBy('a')).toBe(25)
  expect(table.get('a9974')).toBeUndefined()
  expect(table.get('a9975')).toBe(9975)
  expect(table.get('b0')).toBe(0)
})

test('an entry that was looked at is newer than one that was not', () => {
  const table = createSharedTable<number>({ size: 8, share: 2 })
  fill(table, 'a', 2)
  table.get('a0')
  table.set('a2', 'a', 2)
  expect(table.get('a0')).toBe(0)
  expect(table.get('a1')).toBeUndefined()
})

test('in a full table the owner who holds the most loses one, and a newcomer has a place', () => {
  const table = createSharedTable<number>({ size: 10, share: 5 })
  fill(table, 'a', 5)
  fill(table, 'b', 4)
  fill(table, 'c', 1)
  fill(table, 'd', 1)
  expect([table.heldBy('a'), table.heldBy('b'), table.heldBy('c'), table.heldBy('d')]).toEqual([4, 4, 1, 1])
  expect(table.get('a0')).toBeUndefined()
  expect(table.size).toBe(10)
})

test('where everybody holds one, who was seen longest ago gives way', () => {
  const table = createSharedTable<number>({ size: 3, share: 1 })
  for (const owner of ['a', 'b', 'c']) table.set(owner, owner, 1)
  table.get('a')
  table.set('d', 'd', 1)
  expect(table.get('b')).toBeUndefined()
  expect(['a', 'c', 'd'].map((key) => table.get(key))).toEqual([1, 1, 1])
})

test('an entry that is set again has the owner and the value of the last time', () => {
  const table = createSharedTable<number>({ size: 8, share: 2 })
  table.set('k', 'a', 1)
  table.set('k', 'b', 2)
  expect([table.get('k'), table.heldBy('a'), table.heldBy('b'), table.size]).toEqual([2, 0, 1, 1])
  table.delete('k')
  table.delete('k')
  expect([table.get('k'), table.heldBy('b'), table.size]).toEqual([undefined, 0, 0])
})

type Step = readonly ['set' | 'get' | 'delete', owner: number, key: number]

/** The same in the plainest words: each owner's keys, the oldest first. */
class Model {
  readonly held = new Map<number, string[]>()
  drop(owner: number, key: string) {
    this.held.set(
      owner,
      (this.held.get(owner) ?? []).filter((other) => other !== key),
    )
  }
  count = (owner: number) => this.held.get(owner)?.length ?? 0
  get most() {
    return Math.max(0, ...[...this.held.values()].map((keys) => keys.length))
  }
  get size() {
    return [...this.held.values()].flat().length
  }
}

test('as a plain model says, on random steps: sizes, shares, who gives way, and with which entry', () => {
  const step = fc.tuple(
    fc.constantFrom<Step[0]>('set', 'set', 'set', 'get', 'delete'),
    fc.nat(5),
    fc.nat(9),
  ) as fc.Arbitrary<Step>
  const sizes = fc.record({ max: fc.integer({ min: 1, max: 20 }), share: fc.integer({ min: 1, max: 8 }) })
  fc.assert(
    fc.property(sizes, fc.array(step, { maxLength: 200 }), ({ max, share }, steps) => {
      const table = createSharedTable<string>({ size: max, share })
      const model = new Model()
      for (const [action, owner, number] of steps) {
        const key = `${owner}/${number}`
        const had = model.held.get(owner)?.includes(key) ?? false
        if (action === 'get') {
          expect(table.get(key)).toBe(had ? key : undefined)
          if (had) {
            model.drop(owner, key)
            model.held.get(owner)?.push(key)
          }
        } else if (action === 'delete') {
          table.delete(key)
          model.drop(owner, key)
        } else {
          model.drop(owner, key)
          const mustGive = model.count(owner) >= share ? [owner] : givers(model, max)
          table.set(key, String(owner), key)
          const gave = [...model.held.keys()].filter(
            (other) => table.heldBy(String(other)) < model.count(other) + (other === owner ? 1 : 0),
          )
          expect(gave).toHaveLength(mustGive.length > 0 ? 1 : 0)
          for (const giver of gave) {
            expect(mustGive).toContain(giver)
            model.held.get(giver)?.shift()
          }
          model.held.set(owner, [...(model.held.get(owner) ?? []), key])
        }
        expect(table.size).toBe(model.size)
        expect(table.size).toBeLessThanOrEqual(max)
        for (const [other, keys] of model.held) expect(table.heldBy(String(other))).toBe(keys.length)
      }
      for (const key of [...model.held.values()].flat()) expect(table.get(key)).toBe(key)
    }),
    { numRuns: 300 },
  )
})

function givers(model: Model, max: number): number[] {
  if (model.size < max) return []
  return [...model.held.keys()].filter((owner) => model.count(owner) === model.most)
}

test('values come in the order in which they were set, whoever looked at them since', () => {
  const table = createSharedTable<number>({ size: 3, share: 3 })
  fill(table, 'a', 4)
  table.get('a1')
  expect([...table.values()]).toEqual([1, 2, 3])
})
