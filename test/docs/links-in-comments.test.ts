// References lead somewhere: each id that a comment or a page cites stands in a page, each file that one names exists, and
// each row of docs/requirements.md names a test that holds it.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { quotedIn } from '../support/titles.ts'
import { ROOT } from './page.ts'

const cwd = fileURLToPath(ROOT)
const files = globSync(['{src,test,bench,scripts,docs,config,bin}/**/*.*', '*.*'], {
  cwd,
  exclude: (name) => name === 'node_modules' || name === 'build',
})
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')

/** Where ids have their sentence, or their row. */
const DEFINING = [
  'docs/requirements.md',
  'docs/decisions.md',
  'test/hostile/README.md',
  'test/as/README.md',
  'test/parity/README.md',
  'test/traps/README.md',
]
/** `CHL-01`, `T26-03`, `A23`, `R7`. What stands behind a hyphen, a slash or a letter is part of another word. */
const ID = /(?<![\w/.§-])(?:[A-Z][A-Z0-9]{0,3}-\d{2}|[A-Z]\d{1,2})(?!\w)/g
/** Words that look like ids: an encoding, control characters, a JavaScript engine. */
const WORDS: ReadonlySet<string> = new Set(['UTF-16', 'C0', 'V8'])
/** Not behind `=`, which gives the program of a page its name. */
const FILE = /(?<![\w/.*<{=-])(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|md)\b(?![/*])/g

const idsIn = (text: string) => (text.match(ID) ?? []).filter((id) => !WORDS.has(id))
const defined: ReadonlySet<string> = new Set(DEFINING.flatMap((page) => idsIn(read(page))))

/** The comments of a source file, a page as it is: what is prose in it, line by line. */
function proseOf(path: string): string[] {
  const lines = read(path).split('\n')
  if (path.endsWith('.md')) return lines
  return lines.map((line) => /(?:^|\s)\/\/ (.*)$|^\s*(?:\/\*\*|\*) (.*)$/.exec(line)?.slice(1).join('') ?? '')
}

const prose = files
  .filter((path) => /\.(?:ts|mjs|md)$/.test(path))
  .map((path) => ({ path, lines: proseOf(path) }))

/** What `find` takes from the lines, as `path:line: what`. */
function found(find: (line: string, path: string) => readonly string[]): string[] {
  return prose.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => find(line, path).map((what) => `${path}:${index + 1}: ${what}`)),
  )
}

describe('comments and pages', () => {
  test('there are hundreds of references', () => {
    expect(found(idsIn).length).toBeGreaterThan(900)
  })

  test('each id stands in a page', () => {
    const strange = found((line) => idsIn(line).filter((id) => !defined.has(id)))
    expect(strange, 'give it a row in docs/requirements.md, or in the page of its family').toEqual([])
  })

  test('each file that is named exists', () => {
    const ends = new Set(
      files.flatMap((path) => {
        const parts = path.split('/')
        return parts.map((_, index) => parts.slice(index).join('/'))
      }),
    )
    expect(found((line) => (line.match(FILE) ?? []).filter((name) => !ends.has(name)))).toEqual([])
  })

  test('each decision that is cited has that number', () => {
    const numbers = [...read('docs/decisions.md').matchAll(/^\*\*(\d+)\. /gm)].map(([, number]) =>
      Number(number),
    )
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1))
    const cited = (line: string) =>
      [...line.matchAll(/docs\/decisions\.md, (\d+)(?: to (\d+))?/g)].flatMap(([, from = '', to = from]) => [
        from,
        to,
      ])
    expect(found(cited).length).toBeGreaterThan(15)
    expect(found((line) => cited(line).filter((number) => !numbers.includes(Number(number))))).toEqual([])
  })
})

describe('docs/requirements.md', () => {
  const rows = read('docs/requirements.md')
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([id = '']) => /^[A-Z][A-Z0-9]*-?\d+$/.test(id))
    .map(([id = '', what = '', from = '', held = '']) => ({ id, what, from, held }))

  test('each id stands once, with a sentence and a source', () => {
    const ids = rows.map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(200)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(rows.filter(({ what, from }) => !what.endsWith('.') || from === '')).toEqual([])
  })

  test.each(rows)('$id is held by $held', ({ id, held }) => {
    const named = [...held.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
    if (named.length === 0) return expect(held).toMatch(/^not tested: .{15,}/)
    for (const path of named) {
      const names = quotedIn(read(path))
      expect(names, path).toMatch(new RegExp(`(?<![\\w-])${id}(?!\\w)`))
    }
  })
})
