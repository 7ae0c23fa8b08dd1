// One spelling for what means the same: what must be equal, what must differ, and that nothing of the text is lost.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJsonText } from '../../src/approvals/canonical-json.ts'

test.each([
  ['the order of names', '{"b":1,"a":{"d":2,"c":3}}', '{"a":{"c":3,"d":2},"b":1}'],
  ['spaces', ' { "a" : [ 1 , 2 ] } ', '{"a":[1,2]}'],
  ['escapes in a text', '{"a":"\\u0041\\/\\u00e9"}', '{"a":"A/é"}'],
  ['escapes in a name', '{"\\u0061":1}', '{"a":1}'],
  ['half a character', '"\\ud800"', '"\\ud800"'],
  ['code units, not locale', '{"é":1,"z":2,"Z":3}', '{"Z":3,"z":2,"é":1}'],
  ['names that look like numbers', '{"10":1,"9":2}', '{"10":1,"9":2}'],
  ['__proto__', '{"__proto__":1,"a":2}', '{"__proto__":1,"a":2}'],
])('%s', (_what, text, expected) => {
  expect(canonicalJsonText(text)).toBe(expected)
})

test.each([
  ['1', '1.0'],
  ['1', '1e0'],
  ['10000000000000001', '10000000000000000'],
  ['0.1', '0.10000000000000000001'],
  ['0', '-0'],
  ['1', '"1"'],
  ['null', '"null"'],
  ['[1,2]', '[2,1]'],
  ['{"a":1}', '{"A":1}'],
  ['"a"', '"a "'],
])('%s and %s stay different', (one, other) => {
  expect(canonicalJsonText(`{"x":${one}}`)).not.toBe(canonicalJsonText(`{"x":${other}}`))
})

test('names of the outermost object are left out, and of no other', () => {
  const text = '{"_meta":{"a":1},"x":{"_meta":2},"task":{}}'
  expect(canonicalJsonText(text, new Set(['_meta', 'task']))).toBe('{"x":{"_meta":2}}')
})

test.each(['', '{', '{"a":1,"a":2}', '{"\\u0061":1,"a":2}', '[1,]', '{"a"}', '"a', '[1] 2', '{"a":}'])(
  'what is no JSON, or has a name twice, is thrown: %s',
  (text) => {
    expect(() => canonicalJsonText(text)).toThrow()
  },
)

test('for every document: it means the same, and a second time changes nothing', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const canonical = canonicalJsonText(text)
      expect(JSON.parse(canonical)).toEqual(JSON.parse(text))
      expect(canonicalJsonText(canonical)).toBe(canonical)
    }),
  )
})

test('for every two documents: equal texts only where the same was meant', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (one, other) => {
      const [a, b] = [canonicalJsonText(JSON.stringify(one)), canonicalJsonText(JSON.stringify(other))]
      if (a === b) expect(JSON.parse(a)).toEqual(JSON.parse(JSON.stringify(other)))
    }),
  )
})
