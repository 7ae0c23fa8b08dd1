// The map in README.md is true: every requirement is in it, and what it points at names the requirement.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const TESTS = join(import.meta.dirname, '..')
const README = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const FAMILIES = { T26: 30, LEG: 17, ERA: 7, SCP: 14, CAC: 5, FWD: 12, TOK: 18, XDP: 4 }

const rows = [...README.matchAll(/^\| ([A-Z0-9]+-\d\d) \| (.+) \|$/gm)].map(
  ([, id = '', right = '']) => [id, right] as const,
)
const pointers = rows.flatMap(([id, right]) =>
  right.startsWith('`') ? [...right.matchAll(/`([^`]+)`/g)].map(([, file = '']) => [id, file] as const) : [],
)

/** What stands between quotes in the code of a file: where the names of tests are. */
function quotedIn(file: string): string {
  const lines = readFileSync(join(TESTS, file), 'utf8').split('\n')
  const code = lines.filter((line) => !line.trim().startsWith('//')).join('\n')
  return [...code.matchAll(/'([^'\n]*)'|`([^`\n]*)`/g)].map(([quoted]) => quoted).join('\n')
}

test('every requirement has exactly one row', () => {
  const expected = Object.entries(FAMILIES).flatMap(([family, count]) =>
    Array.from({ length: count }, (_, index) => `${family}-${String(index + 1).padStart(2, '0')}`),
  )
  expect(rows.map(([id]) => id).sort()).toEqual(expected.sort())
})

test.each(pointers)('%s stands in the name of a test in %s', (id, file) => {
  expect(existsSync(join(TESTS, file))).toBe(true)
  expect(quotedIn(file)).toContain(id)
})
