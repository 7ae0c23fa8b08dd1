// The table is whole, and what it points at names the row.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const COUNTS = { B: 19, C: 17, D: 10, E: 6, F: 7 }
const rows = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', where = ''] = line.split('|').map((cell) => cell.trim())
    return /^[B-F]\d+$/.test(id) ? [{ id, where }] : []
  })
const pointers = rows.flatMap(({ id, where }) =>
  [...where.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => ({ id, path })),
)

test('every row of B to F, in order, and each says something', () => {
  const wanted = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  )
  expect(rows.map(({ id }) => id)).toEqual(wanted)
  for (const { where } of rows) expect(where.length).toBeGreaterThan(10)
})

test.each(pointers)('$id stands in $path', ({ id, path }) => {
  expect(existsSync(join(ROOT, path))).toBe(true)
  expect(readFileSync(join(ROOT, path), 'utf8')).toMatch(new RegExp(`\\b${id}\\b`))
})
