import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Counts, type ScanProblem, scan } from '../../src/mcp/scan.ts'
import { listOf, SPAN, shapeOf, type Value } from '../../src/mcp/shape.ts'
import { jsonOf, textOf } from '../../src/mcp/source.ts'

const COUNTS: Counts = { maxValues: 10_000, maxNames: 5_000 }
const LEAVES = shapeOf({ a: SPAN, list: listOf(shapeOf({ b: SPAN }), 100) })

function check(text: string | Buffer, shape = SPAN): ScanProblem | 'ok' {
  const document = scan(Buffer.from(text as string), shape, COUNTS)
  return typeof document === 'string' ? document : 'ok'
}

describe('the scanner agrees with JSON.parse', () => {
  test('on every JSON text without repeated or unfit names', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
        const text = JSON.stringify(JSON.parse(json), undefined, space)
        expect(check(text)).toBe('ok')
      }),
    )
  })

  test('on where a value stands', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.jsonValue({ maxDepth: 8 }), (a, b) => {
        const text = ` {"x" : [1], "a":${JSON.stringify(a)} ,"list":[{"b": ${JSON.stringify(b)}}, 7]}`
        const document = scan(Buffer.from(text), LEAVES, COUNTS)
        if (typeof document === 'string') throw new Error(document)
        const at = (value: Value | undefined) => JSON.parse(value ? jsonOf(document.source, value) : '')
        expect(at(document.root.members?.get('a'))).toEqual(JSON.parse(JSON.stringify(a)))
        expect(at(document.root.members?.get('list')?.items?.[0]?.members?.get('b'))).toEqual(
          JSON.parse(JSON.stringify(b)),
        )
        expect(document.root.members?.has('x')).toBe(false)
      }),
    )
  })

  test('on texts with one character changed, lost or added', () => {
    const mutant = fc.tuple(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom('', ...'{}[]:,"\\0123456789eE+-.truefalsn \n\t\u0001/ub'),
      fc.boolean(),
    )
    fc.assert(
      fc.property(mutant, ([json, position, character, replaces]) => {
        const at = position % (json.length + 1)
        const text = json.slice(0, at) + character + json.slice(replaces ? at + 1 : at)
        const verdict = check(text)
        if (verdict === 'syntax') expect(() => JSON.parse(text)).toThrow()
        else if (verdict === 'ok') expect(() => JSON.parse(text)).not.toThrow()
      }),
      { numRuns: 3000 },
    )
  })
})

test('M01 M02 a repeated name is refused wherever it stands', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    .filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 60 }),
      fc.nat(),
      fc.nat(40),
      (names, pick, depth) => {
        const repeated = names[pick % names.length] ?? ''
        const escaped = [...repeated].map((char) => escapeUnits(char)).join('')
        const object = `{${names.map((each) => `${JSON.stringify(each)}:0`).join()},"${escaped}":1}`
        expect(check(`${'['.repeat(depth)}${object}${']'.repeat(depth)}`)).toBe('duplicate')
      },
    ),
  )
})

function escapeUnits(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

test('M04 M05 every other spelling of a known name is refused, whatever letters it changes', () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    s: ['S', '\u017f'],
    k: ['K', '\u212a'],
    i: ['I', '\u0130', '\u0131'],
  }
  const known = 'resourceKinds'
  const shape = shapeOf({ [known]: SPAN })
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: known.length, maxLength: known.length }), (choices) => {
      const name = [...known]
        .map((letter, index) => {
          const lower = letter.toLowerCase()
          const others = [letter, lower, ...(spellings[lower] ?? [lower.toUpperCase()])]
          return others[(choices[index] ?? 0) % others.length]
        })
        .join('')
      expect(check(`{"${name}":1}`, shape)).toBe(name === known ? 'ok' : 'variant')
    }),
  )
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'M09 %s is no member unless it is one',
  (name) => {
    const document = scan(Buffer.from(`{"${name}":1}`), LEAVES, COUNTS)
    if (typeof document === 'string') throw new Error(document)
    for (const each of [name, 'a', 'list']) expect(document.root.members?.get(each)).toBeUndefined()
  },
)

test('a string value is decoded, any other value has no text', () => {
  const document = scan(Buffer.from('{"a":"\\u0061\\n\\ud83d\\ude00é"}'), LEAVES, COUNTS)
  if (typeof document === 'string') throw new Error(document)
  expect(textOf(document.source, document.root.members?.get('a'))).toBe('a\n😀é')
  expect(textOf(document.source, document.root)).toBeUndefined()
  expect(textOf(document.source, undefined)).toBeUndefined()
})

const problems: readonly (readonly [ScanProblem | 'ok', string])[] = [
  ['depth', `${'['.repeat(65)}${']'.repeat(65)}`],
  ['ok', `${'['.repeat(64)}${']'.repeat(64)}`],
  ['ok', `[${'[[]],'.repeat(1000)}[[]]]`],
  ['name', '{"a\\u0000":1}'],
  ['name', '{"\\udfff":1}'],
  ['name', '{"\\ud800x":1}'],
  ['ok', '{"\\ud83d\\ude00":1}'],
  ['ok', '"\\ud800"'],
  ['encoding', '\ufeff1'],
  ['syntax', '\u0000'],
  ['ok', `"${'x'.repeat(100)}\\n${'é'.repeat(100)}"`],
  ['syntax', `"${'x'.repeat(100)}\n"`],
  ['syntax', `"${'x'.repeat(100)}`],
]

test.each(problems)('%s: %#', (expected, text) => expect(check(text)).toBe(expected))
