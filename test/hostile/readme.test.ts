// The page is whole: each attack of each family stands in the table of files or in that of reasons, once, and the file
// names it where the titles of tests are.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { quotedIn } from '../support/titles.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The attacks of each family: J01 to J74, and so on. A gap is never filled again. */
const FAMILIES = {
  J: ['01-74'],
  I: ['01-40'],
  M: ['01-65', '70-71', '80-83', '85-86'],
  L: ['01-50', '70-75'],
  S: ['01-20', '40-47'],
  H: ['01-58'],
  D: ['01-33', '90-93'],
  F: ['01-20'],
  K: ['01-22', '30-31'],
  Y: ['01-30'],
  C: ['01-16'],
}
const ATTACKS = Object.entries(FAMILIES).flatMap(([family, runs]) =>
  runs.flatMap((run) => {
    const [first = 0, last = first] = run.split('-').map(Number)
    const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    return ids.map((id) => `${family}${String(id).padStart(2, '0')}`)
  }),
)

const rows = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
const files = rows.flatMap(([first = '', ids = '']) =>
  first.startsWith('`test/') ? [{ file: first.slice(1, -1), ids: ids.split(' ') }] : [],
)
const reasons = rows.flatMap(([id = '', ...cells]) => (/^[A-Z]\d\d$/.test(id) ? [{ id, cells }] : []))
const untested = reasons.filter(({ cells }) => cells.length === 2)
/** Held in part, or told in a sentence. */
const partly = reasons.filter(({ cells }) => cells.length === 1)

test('every attack stands in one of the two tables, once', () => {
  const named = [...files.flatMap(({ ids }) => ids), ...untested.map(({ id }) => id)]
  expect(named.filter((id, at) => named.indexOf(id) !== at)).toEqual([])
  expect(ATTACKS.filter((id) => !named.includes(id))).toEqual([])
  expect(named.filter((id) => !(/^[A-Z]\d\d$/.test(id) && id.slice(0, 1) in FAMILIES))).toEqual([])
})

test.each(files)('$file names what it reproduces', ({ file, ids }) => {
  const quoted = quotedIn(readFileSync(join(ROOT, file), 'utf8'))
  expect(ids.filter((id) => !new RegExp(`\\b${id}\\b`).test(quoted))).toEqual([])
})

describe('reasons', () => {
  test('nothing is both without a test and held in part', () => {
    const tested = new Set(files.flatMap(({ ids }) => ids))
    expect(partly.filter(({ id }) => !tested.has(id))).toEqual([])
  })

  test.each(reasons)('$id says why', ({ cells }) => {
    for (const cell of cells) expect(cell.length).toBeGreaterThan(15)
  })
})
