// An entry of the access log as a line of a terminal, whatever strangers call themselves.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessLine, missedLine } from '../../../src/cli/shared/access-line.ts'
import { displayWidth, fitted } from '../../../src/cli/shared/display-width.ts'
import type { AccessEntry } from '../../../src/observe/access-entry.ts'

const AT = new Date(2026, 0, 15, 12, 4, 5).getTime()
const ENTRY: AccessEntry = {
  ...{ kind: 'call', at: AT, who: 'ada', client: 'Claude Code', what: 'echo', outcome: 'allowed' },
  durationMs: 12.3,
}
const plain = (over: Partial<AccessEntry> = {}, columns = 100) =>
  accessLine({ ...ENTRY, ...over }, { columns, colour: false })

describe('a line', () => {
  test('who, with what, which, how, how long', () => {
    expect(plain()).toBe('12:04:05 ada · Claude Code · echo · allowed · 12 ms')
    expect(plain({ client: '', durationMs: 12_340 })).toBe('12:04:05 ada · echo · allowed · 12.3 s')
    expect(plain({ what: '', outcome: 'signed in', durationMs: undefined })).toBe(
      '12:04:05 ada · Claude Code · signed in',
    )
    expect(plain({ durationMs: 0.2 })).toMatch(/ · 0 ms$/)
  })

  test('colours only where they are wanted: a list is faint, a refusal stands out', () => {
    const coloured = (kind: AccessEntry['kind']) =>
      accessLine({ ...ENTRY, kind }, { columns: 100, colour: true })
    expect(coloured('call')).toBe(plain())
    expect(coloured('quiet')).toBe(`\u001b[2m${plain()}\u001b[0m`)
    expect(coloured('refused')).toBe(`\u001b[33m${plain()}\u001b[0m`)
    expect(plain({ kind: 'refused' })).toBe(plain())
  })

  test('long names give way, equally, and the outcome stays', () => {
    const names = { who: 'w'.repeat(90), client: 'c'.repeat(90), what: 'echo' }
    const line = plain({ ...names, outcome: 'refused: needs notes:write' }, 80)
    expect(line).toBe('12:04:05 wwwwwwwwwww… · ccccccccccc… · echo · refused: needs notes:write · 12 ms')
    expect(displayWidth(line)).toBeLessThanOrEqual(80)
  })

  test('a terminal that does not say how wide it is has 100 columns', () => {
    expect(displayWidth(plain({ what: 'x'.repeat(300) }, 0))).toBe(100)
  })

  test.each([
    ['ada · Claude Code · echo · allowed', '"ada · Claude Code · echo · allowed"'],
    ['ada • evil', '"ada • evil"'],
    ['a  b', '"a  b"'],
    [' ada', '" ada"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['a\u001b[2Jb', 'a�[2Jb'],
    ['a\u009b31mb', 'a�31mb'],
    ['a\r\nb', 'a��b'],
    ['ad\u200ba', 'ad�a'],
    ['\u202egnp.exe', '�gnp.exe'],
    ['a\u3164b', 'a�b'],
    ['a\u00a0b', 'a�b'],
    ['a\u2800b', 'a�b'],
    ['\ud800', '�'],
    ['z\u0301\u0301\u0301\u0301\u0301', 'z\u0301\u0301'],
    ['Åsa Öberg', 'Åsa Öberg'],
    ['日本', '日本'],
  ])('%j is shown as %s', (name, shown) => {
    expect(plain({ who: name })).toBe(`12:04:05 ${shown} · Claude Code · echo · allowed · 12 ms`)
  })

  test('what a stranger brings into the outcome is no part of its own', () => {
    const outcome = 'refused: pages of x · allowed\u001b[0m may not call'
    expect(plain({ outcome })).toContain('refused: pages of x � allowed�[0m may not call · 12 ms')
  })

  test('whatever the names are: one line, as wide as the terminal at most, and nothing that acts on it', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom('日', '👩', '\u0301', 'a', ' ', '·', '\u001b', '\u202e', '한'),
        maxLength: 200,
      }),
    )
    fc.assert(
      fc.property(
        name,
        name,
        name,
        name,
        fc.integer({ min: 1, max: 200 }),
        (who, client, what, outcome, columns) => {
          const line = plain({ who, client, what, outcome }, columns)
          expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
          expect(displayWidth(line)).toBeLessThanOrEqual(columns)
          if (columns >= 80) expect(line.endsWith(' · 12 ms')).toBe(true)
        },
      ),
    )
  })

  test('what was left out is counted', () => {
    expect(missedLine(1_204)).toBe('… 1204 more, too many to read')
  })
})

test.each([
  ['abc', 3],
  ['日本', 4],
  ['👩‍🚀', 5],
  ['e\u0301', 1],
  ['한글', 4],
  ['ｆｕｌｌ', 8],
  ['…', 1],
])('%s takes %i columns, or a few less', (text, columns) => {
  expect(displayWidth(text)).toBe(columns)
})

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%s in %i columns: %s', (text, columns, shown) => {
  expect(fitted(text, columns)).toBe(shown)
})
