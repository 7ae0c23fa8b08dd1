// Tables that are bounded together: who gives way, and that nobody else does.
import { expect, test } from 'vitest'
import { createSharedTable } from '../../src/core/shared-table.ts'
import { createTableBudget } from '../../src/core/table-budget.ts'
import { createUsedProofs } from '../../src/token/used-proofs.ts'

const WIDE = { size: 1_000, share: 1_000 }
const fill = (table: ReturnType<typeof createSharedTable<number>>, from: number, to: number, owner = 'a') => {
  for (let n = from; n < to; n += 1) table.set(`${n}`, owner, n)
}

test('D37 a table that fills all pushes nothing of another out', () => {
  const budget = createTableBudget(100)
  const [small, large] = [
    createSharedTable<number>({ ...WIDE, budget }),
    createSharedTable<number>({ ...WIDE, budget }),
  ]
  fill(small, 0, 40)
  fill(large, 0, 10_000)
  expect([small.size, large.size]).toEqual([40, 60])
  expect(small.get('0')).toBe(0)
  expect([large.get('9939'), large.get('9940')]).toEqual([undefined, 9_940])
})

test('a table that comes later gets its part of what another holds', () => {
  const budget = createTableBudget(100)
  const [first, second] = [
    createSharedTable<number>({ ...WIDE, budget }),
    createSharedTable<number>({ ...WIDE, budget }),
  ]
  fill(first, 0, 100)
  fill(second, 0, 80)
  expect([first.size, second.size]).toEqual([50, 50])
})

test('in the table that gives way, the owner who holds the most loses its oldest', () => {
  const budget = createTableBudget(10)
  const [table, other] = [
    createSharedTable<number>({ ...WIDE, budget }),
    createSharedTable<number>({ ...WIDE, budget }),
  ]
  fill(table, 0, 8, 'much')
  fill(table, 8, 10, 'little')
  fill(other, 0, 3)
  expect([table.heldBy('much'), table.heldBy('little'), other.size]).toEqual([5, 2, 3])
})

test('what was deleted, and what a table of old held, is free again', () => {
  const budget = createTableBudget(10)
  const table = createSharedTable<number>({ ...WIDE, budget })
  fill(table, 0, 10)
  for (let n = 0; n < 4; n += 1) table.delete(`${n}`)
  const other = createSharedTable<number>({ ...WIDE, budget })
  fill(other, 0, 4)
  expect([table.size, other.size]).toEqual([6, 4])
  table.clear()
  fill(other, 0, 10)
  expect([table.size, other.size]).toEqual([0, 10])
})

test('where the largest may lose nothing there is no place', () => {
  const budget = createTableBudget(2)
  const keeper = budget.join(() => false)
  expect([keeper.take(), keeper.take(), budget.join(() => true).take()]).toEqual([true, true, false])
  keeper.give(2)
  expect(budget.join(() => true).take()).toBe(true)
})

test('D37 used proofs that could be shown again make no room, and those of a time before do', () => {
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  const budget = createTableBudget(4)
  const [idle, busy] = [1, 2].map(() => createUsedProofs(clock, 100, { ...WIDE, budget }))
  for (let n = 0; n < 4; n += 1) idle?.remember('a', `${n}`)
  expect(busy?.remember('b', 'x')).toBe('full')
  now = 250
  expect(busy?.remember('b', 'x')).toBe('new')
  expect(idle?.remember('a', '0')).toBe('new')
})
