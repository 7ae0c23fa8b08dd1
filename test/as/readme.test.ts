// The page beside this file is true: it has every id, and each stands in the name of a test in each file of its row.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { isNamed, rowsOf, titlesBelow } from '../support/titles.ts'

const FAMILIES = { A: 54, 'AS-': 10, 'CIM-': 6, 'DCR-': 3, 'CDP-': 6 }
/** From here on there may be gaps: these came later, several at a time. */
const LATER = /^A[6-9]\d$/
const page = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const rows = rowsOf(page, /^(?:A|AS-|CIM-|DCR-|CDP-)\d\d$/)
let titles: ReadonlyMap<string, string>
beforeAll(async () => {
  titles = await titlesBelow(['test/as', 'test/config'])
})

test('A01 to A54, what came later, and every requirement, in order, each once', () => {
  const wanted = Object.entries(FAMILIES).flatMap(([family, count]) =>
    Array.from({ length: count }, (_, index) => `${family}${String(index + 1).padStart(2, '0')}`),
  )
  const ids = rows.map(({ id }) => id)
  const later = ids.filter((id) => LATER.test(id))
  expect(ids.filter((id) => !LATER.test(id))).toEqual(wanted)
  expect(later).toEqual([...new Set(later)].sort())
  for (const { pointers } of rows) expect(pointers.length).toBeGreaterThan(0)
})

test.each(rows.flatMap(({ pointers }) => pointers))(
  '$id is in the name of a test in $path',
  ({ id, path }) => {
    expect(isNamed(id, titles.get(path))).toBe(true)
  },
)

test('an id that is only spoken of is no name', () => {
  expect(titles.get('test/as/engine/authorize.test.ts')).toContain('AS-06')
  expect(isNamed('A53', 'a test\nA53: prompt\n')).toBe(true)
  for (const names of ['A530: x', 'XA53', 'A53-1: x', '', undefined])
    expect(isNamed('A53', names)).toBe(false)
})
