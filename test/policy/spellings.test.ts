// No spelling of a resource gets around a rule: a table of what real readers of URIs take for the same
// (scripts/record-uri-readers.mjs), against rules that keep a resource back.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { RuleSettings } from '../../src/core/settings.ts'
import { isJudgeableUri } from '../../src/policy/uri.ts'
import { canonicalPattern, readingsOf } from '../../src/policy/uri-pattern.ts'
import { AROUND, compiled, holder, rule, use } from './policies.ts'

interface Table {
  readonly readers: readonly string[]
  readonly rows: readonly {
    readonly kept: string
    readonly asked: number
    readonly taken: readonly (readonly [uri: string, readers: string])[]
  }[]
}
const TABLE = JSON.parse(readFileSync(join(import.meta.dirname, 'uri-readers.json'), 'utf8')) as Table

function reads(rules: readonly RuleSettings[]): (uri: string) => boolean {
  const policy = compiled({ rules })
  return (uri) =>
    policy.decide(holder([]), { era: 'modern', calls: [use('resource', uri)] }, AROUND).refusal === undefined
}

const all = (fields: Partial<RuleSettings> = {}) => rule('all', { resources: ['**'], ...fields })
/** A rule on the resource alone, and on the folder it is in. */
const patternsFor = (kept: string) => [kept, kept.replace(/[^/:]*$/, '**'), kept.replace(/[^/:]*$/, '*')]

describe.each(TABLE.rows)('M85 $kept', ({ kept, taken }) => {
  test('its one spelling is read', () => {
    expect(reads([all()])(kept)).toBe(true)
  })

  test.each(patternsFor(kept))('nothing that a reader takes for it passes a rule on %s', (pattern) => {
    const denied = reads([rule('no', { effect: 'deny', resources: [pattern] }), all()])
    const excepted = reads([all({ except: [pattern] })])
    const passed = [[kept, ''] as const, ...taken].filter(([uri]) => denied(uri) || excepted(uri))
    expect(
      passed.map(([uri, by]) => `${uri} by ${[...by].map((reader) => TABLE.readers[Number(reader)])}`),
    ).toEqual([])
  })
})

test('M85 the table has real readers and enough of what they take', () => {
  expect(TABLE.readers.map((reader) => reader.replace(/ \S*\d\S*$/, ''))).toEqual([
    'WHATWG URL (node)',
    'pydantic AnyUrl',
    'Go net/url',
    'java.net.URI',
    'Rust url',
  ])
  const pairs = TABLE.rows.flatMap(({ taken }) => taken)
  for (const reader of ['0', '1', '2', '3', '4']) {
    expect(pairs.filter(([, by]) => by.includes(reader)).length).toBeGreaterThan(300)
  }
})

describe('M86: a pattern is written as people write, and holds for the one spelling', () => {
  const cases: readonly (readonly [pattern: string, canonical: string])[] = [
    ['file:///pub/My Secret/**', 'file:///pub/My%20Secret/**'],
    ['file:///pub/%c3%bc/*', 'file:///pub/%C3%BC/*'],
    ['notes://\u00fcber/*', 'notes://%C3%BCber/*'],
    ['notes://u\u0308ber/*', 'notes://%C3%BCber/*'],
    ['notes://hr/a%28b%29%27%2B%40', "notes://hr/a(b)'+@"],
    ['notes://hr/a{b}|"<>^`', 'notes://hr/a%7Bb%7D%7C%22%3C%3E%5E%60'],
    ['https://Internal.Example:443/a', 'https://internal.example/a'],
    ['https://internal.example', 'https://internal.example/'],
    ['https://internal.example*', 'https://internal.example*'],
    ['notes://a?q=x y&r=a%2Cb', 'notes://a?q=x%20y&r=a,b'],
    ['notes://a?f[0]=1', 'notes://a?f%5B0%5D=1'],
    ['notes://HR/x', 'notes://HR/x'],
    ['urn:isbn:0451450523', 'urn:isbn:0451450523'],
    ['**', '**'],
    ['ui://*/view', 'ui://*/view'],
  ]
  it.each(cases)('%s is %s', (pattern, canonical) => {
    expect(canonicalPattern(pattern)).toBe(canonical)
  })

  it.each(cases.filter(([, canonical]) => !canonical.includes('*')))(
    '%s is denied as %s',
    (pattern, canonical) => {
      expect(isJudgeableUri(canonical)).toBe(true)
      expect(reads([rule('no', { effect: 'deny', resources: [pattern] }), all()])(canonical)).toBe(false)
      expect(reads([rule('yes', { resources: [pattern] })])(canonical)).toBe(true)
    },
  )
})

describe('M85: URIs of every day', () => {
  const everyday = [
    ...[
      'file:///a%20b',
      'file:///srv/a(1).txt',
      'file:///C:/Users/ada/x',
      'notes://x',
      'notes://MyShelf/a?page=2',
    ],
    ...[
      'urn:isbn:0451450523',
      'ui://weather/view.html',
      'https://example.com/a?q=b%20c&t=12:00',
      'db://host:5432/t',
    ],
    ...[
      'git+ssh://example.com/a',
      'notes://a?token=YQ==',
      'https://example.com:8443/a?b#c',
      'config',
      'mailto:a@b.example',
    ],
    ...[
      'github://owner/repo/blob/main/a.ts',
      'data:text/plain,a',
      'notes://\u00fc'.replace('\u00fc', '%C3%BC'),
    ],
  ]
  it.each(everyday)('%s', (uri) => expect(isJudgeableUri(uri)).toBe(true))
})

describe('laws', () => {
  const piece = fc.constantFrom(
    ...[
      'notes',
      'https',
      '://',
      'hr',
      'HR',
      '/',
      'ada',
      '@',
      ':',
      ':80',
      ':443',
      '%',
      '%2',
      '%20',
      '%c3%bc',
      '%C3%BC',
    ],
    ...[
      '%61',
      '%28',
      '%2f',
      '%00',
      '.',
      '..',
      ' ',
      '\u00fc',
      'u\u0308',
      '?',
      '#',
      '&',
      '=',
      '+',
      '%3D',
      '[',
      ']',
      '\\',
      '*',
    ],
  )
  const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''))

  it('M86 what is brought to one spelling stays so', () => {
    fc.assert(
      fc.property(text, (written) => {
        const once = canonicalPattern(written)
        expect(canonicalPattern(once)).toBe(once)
      }),
      { numRuns: 5_000 },
    )
  })

  it('M86 a URI that is judged is its own pattern', () => {
    fc.assert(
      fc.property(text, (uri) => {
        fc.pre(isJudgeableUri(uri))
        expect(canonicalPattern(uri)).toBe(uri)
      }),
      { numRuns: 3_000 },
    )
  })

  it('M85 a rule on what a parser of URLs writes keeps every text that it reads so', () => {
    fc.assert(
      fc.property(text, (uri) => {
        const url = URL.parse(uri)
        fc.pre(url !== null)
        url.hash = ''
        url.username = ''
        url.password = ''
        const no = rule('no', { effect: 'deny', resources: [url.href.replaceAll('*', '**')] })
        expect(reads([no, all()])(uri)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('M85 the readings of a URI are few, and the first is itself', () => {
    fc.assert(
      fc.property(text, (uri) => {
        const readings = readingsOf(uri)
        expect(readings[0]).toBe(uri)
        expect(readings.length).toBeLessThanOrEqual(10)
      }),
    )
  })
})
