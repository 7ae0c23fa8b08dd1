// The table is whole, and what it points at names the row.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { isNamed, rowsOf, titlesBelow } from '../support/titles.ts'

const ROOT = join(import.meta.dirname, '../..')
const COUNTS = { B: 19, C: 17, D: 10, E: 6, F: 7, G: 14, H: 20 }
const rows = rowsOf(readFileSync(join(import.meta.dirname, 'README.md'), 'utf8'), /^[B-H]\d+$/)
const pointers = rows.flatMap((row) => row.pointers)
/** Ids of B to F stand in comments too; G and H are also letters of the attacks, so there a name has to say it. */
const named = pointers.filter(({ id, path }) => /^[GH]/.test(id) && path.endsWith('.test.ts'))
let titles: ReadonlyMap<string, string>
beforeAll(async () => {
  titles = await titlesBelow(['test/as', 'test/parity', 'test/config'])
})

test('every row of B to H, in order, and each says something', () => {
  const wanted = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  )
  expect(rows.map(({ id }) => id)).toEqual(wanted)
  for (const { text } of rows) expect(text.length).toBeGreaterThan(10)
})

test.each(pointers)('$id stands in $path', ({ id, path }) => {
  expect(existsSync(join(ROOT, path))).toBe(true)
  expect(readFileSync(join(ROOT, path), 'utf8')).toMatch(new RegExp(`\\b${id}\\b`))
})

test('every row of G and H points at a test that runs here', () => {
  const ids = rows.map(({ id }) => id).filter((id) => /^[GH]/.test(id))
  expect([...new Set(named.map(({ id }) => id))]).toEqual(ids)
})

test.each(named)('$id is in the name of a test in $path', ({ id, path }) => {
  expect(isNamed(id, titles.get(path))).toBe(true)
})
