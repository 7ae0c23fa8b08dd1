import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob, type Dialect } from '../../src/policy/glob.ts'

/** By definition, one character at a time, with all the backtracking that it takes. */
function naive(pattern: string, text: string, dialect: Dialect): boolean {
  if (pattern === '') return text === ''
  const stars = pattern.match(/^\*+/)?.[0] ?? ''
  if (stars === '') return text[0] === pattern[0] && naive(pattern.slice(1), text.slice(1), dialect)
  const stops = dialect === 'uri' && stars === '*'
  const rest = pattern.slice(stars.length)
  for (let length = 0; length <= text.length; length++) {
    if (stops && text.slice(0, length).includes('/')) return false
    if (naive(rest, text.slice(length), dialect)) return true
  }
  return false
}

function textsUpTo(length: number, alphabet: readonly string[]): string[] {
  if (length === 0) return ['']
  const shorter = textsUpTo(length - 1, alphabet)
  const longest = shorter.filter((text) => text.length === length - 1)
  return [...shorter, ...longest.flatMap((text) => alphabet.map((letter) => text + letter))]
}

describe('what a pattern matches', () => {
  const cases: readonly [dialect: Dialect, pattern: string, text: string, matches: boolean][] = [
    ['name', 'list_notes', 'list_notes', true],
    ['name', 'list_notes', 'list_notes2', false],
    ['name', '*', '', true],
    ['name', '*', 'a/b\nc', true],
    ['name', 'search_*', 'search_', true],
    ['name', 'search_*', 'search_a/b', true],
    ['name', 'search_*', 'Search_x', false],
    ['name', '*_note', 'purge_note', true],
    ['name', '*_note', 'purge_notes', false],
    ['name', 'a*a', 'a', false],
    ['name', 'a*a', 'aa', true],
    ['name', 'a*b*c', 'a-b-b-c', true],
    ['name', 'a**c', 'a/c', true],
    ['name', 'a.c', 'abc', false],
    ['name', 'a?c', 'abc', false],
    ['name', '[ab]', 'a', false],
    ['name', 'read_?', 'read_a', false],
    ['name', '(a+)+$', 'aaa', false],
    ['name', '(a+)+$', '(a+)+$', true],
    ['name', 'constructor', '__proto__', false],
    ['name', '__proto__', '__proto__', true],
    ['name', 'danger', 'danger ', false],
    ['name', 'caf\u00e9', 'cafe\u0301', false],
    ['uri', 'notes://*', 'notes://a', true],
    ['uri', 'notes://*', 'notes://a/b', false],
    ['uri', 'notes://**', 'notes://a/b', true],
    ['uri', 'file:///srv/*/x', 'file:///srv/a/x', true],
    ['uri', 'file:///srv/*/x', 'file:///srv/a/b/x', false],
    ['uri', 'file:///srv/**/x', 'file:///srv/a/b/x', true],
    ['uri', 'file:///srv/**/x', 'file:///srv/x', false],
    ['uri', 'file:///srv/notes/**', 'file:///srv/notes-secret/a', false],
    ['uri', '**', '', true],
  ]
  it.each(cases)('SCP-07 M08 M09 Y18: %s pattern %j, text %j: %j', (dialect, pattern, text, matches) => {
    expect(compileGlob(pattern, dialect).matches(text)).toBe(matches)
  })

  it('needs no backtracking: forty stars over a long text', () => {
    const text = `${'a'.repeat(5_000)}!`
    expect(compileGlob(`${'*a'.repeat(40)}*b`, 'name').matches(text)).toBe(false)
    expect(compileGlob(`${'**a*'.repeat(40)}!`, 'uri').matches(text)).toBe(true)
  })
})

const dialects: readonly Dialect[] = ['name', 'uri']
const anyDialect = fc.constantFrom(...dialects)
const anyPattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 7 })
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
const SHORT_TEXTS = textsUpTo(5, ['a', 'b', '/'])

describe('patterns against their definition', () => {
  const runs = { numRuns: 1_000 }

  it('matches what the definition matches', () => {
    fc.assert(
      fc.property(anyDialect, anyPattern, anyText, (dialect, pattern, text) => {
        expect(compileGlob(pattern, dialect).matches(text)).toBe(naive(pattern, text, dialect))
      }),
      { numRuns: 5_000 },
    )
  })

  it('meets a prefix when some text that begins with it matches', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 4 })
    const prefixes = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 3 })
    fc.assert(
      fc.property(anyDialect, short, prefixes, (dialect, pattern, prefix) => {
        const some = textsUpTo(4, ['a', 'b', '/']).some((end) => naive(pattern, prefix + end, dialect))
        expect(compileGlob(pattern, dialect).meets(prefix)).toBe(some)
      }),
      runs,
    )
  })

  it('covers a prefix or a pattern only when it matches all that they stand for', () => {
    fc.assert(
      fc.property(anyDialect, anyPattern, anyPattern, anyText, (dialect, one, other, prefix) => {
        const glob = compileGlob(one, dialect)
        if (glob.covers(compileGlob(other, dialect))) {
          const escaped = SHORT_TEXTS.find(
            (text) => naive(other, text, dialect) && !naive(one, text, dialect),
          )
          expect(escaped).toBeUndefined()
        }
        if (glob.coversPrefix(prefix)) {
          expect(SHORT_TEXTS.find((text) => !naive(one, prefix + text, dialect))).toBeUndefined()
        }
      }),
      runs,
    )
  })

  it('overlaps when some text matches both', () => {
    const short = fc.string({ unit: fc.constantFrom('a', '/', '*'), maxLength: 3 })
    const texts = textsUpTo(6, ['a', 'b', '/'])
    fc.assert(
      fc.property(anyDialect, short, short, (dialect, one, other) => {
        const both = texts.some((text) => naive(one, text, dialect) && naive(other, text, dialect))
        expect(compileGlob(one, dialect).overlaps(compileGlob(other, dialect))).toBe(both)
      }),
      runs,
    )
  })

  const covering: readonly [dialect: Dialect, one: string, other: string, covers: boolean][] = [
    ['name', '*', 'a*b', true],
    ['name', 'a*', 'ab*', true],
    ['name', 'ab*', 'a*', false],
    ['name', 'a', 'a', true],
    ['name', 'a', '*', false],
    ['name', '*_note', 'purge_note', true],
    ['uri', '**', '*', true],
    ['uri', '*', '**', false],
    ['uri', 'x://a/**', 'x://a/*/b', true],
    ['uri', 'x://*/b', 'x://**/b', false],
    ['uri', 'x://*', 'x://*', true],
  ]
  it.each(covering)('%s pattern %j covers %j: %j', (dialect, one, other, covers) => {
    expect(compileGlob(one, dialect).covers(compileGlob(other, dialect))).toBe(covers)
  })
})
