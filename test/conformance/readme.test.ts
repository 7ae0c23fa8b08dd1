// The map in README.md is true: every requirement is in it, and what it points at names the requirement.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quotedIn } from '../support/titles.ts'

const TESTS = join(import.meta.dirname, '..')
const README = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const FAMILIES = { T26: 30, LEG: 17, ERA: 7, SCP: 14, CAC: 5, FWD: 12, TOK: 18, XDP: 4 }

const rows = [...README.matchAll(/^\| ([A-Z0-9]+-\d\d) \| (.+) \|$/gm)].map(
  ([, id = '', right = '']) => [id, right] as const,
)
const pointers = rows.flatMap(([id, right]) =>
  right.startsWith('`') ? [...right.matchAll(/`([^`]+)`/g)].map(([, file = '']) => [id, file] as const) : [],
)

test('every requirement has exactly one row', () => {
  const expected = Object.entries(FAMILIES).flatMap(([family, count]) =>
    Array.from({ length: count }, (_, index) => `${family}-${String(index + 1).padStart(2, '0')}`),
  )
  expect(rows.map(([id]) => id).sort()).toEqual(expected.sort())
})

test.each(pointers)('%s stands in the name of a test in %s', (id, file) => {
  expect(existsSync(join(TESTS, file))).toBe(true)
  expect(quotedIn(readFileSync(join(TESTS, file), 'utf8'))).toContain(id)
})
