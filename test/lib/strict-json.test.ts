// Strict JSON (RFC 8259 §4): one object, unique names at every depth, valid UTF-8, bounded depth.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJsonObject } from '../../src/lib/strict-json.ts'

const read = (text: string | Buffer) => readJsonObject(Buffer.from(text as string))

test.each([
  '',
  ' ',
  'null',
  '1',
  '"{}"',
  '[]',
  '{',
  '{}{}',
  '{} x',
  '\ufeff{}',
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"a":{"b":1,"b":2}}',
  '{"a":[{"b":1},{"c":1,"c":1}]}',
  '{"__proto__":1,"__proto__":2}',
  '{"a":"\\ud800"}',
  '{"\\udc00":1}',
  '{"a":01}',
  '{"a":NaN}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":"\n"}',
  '{"a"}',
  `{"a":${'['.repeat(32)}${']'.repeat(32)}}`,
])('%j is no answer', (text) => {
  expect(read(text)).toBe(undefined)
})

test.each([
  [Buffer.from([0x7b, 0xff, 0x7d])],
  [Buffer.from('{"a":1}', 'utf16le')],
  [Buffer.from('{"a":"é"}', 'latin1')],
])('bytes that are not UTF-8 are no answer', (bytes) => {
  expect(readJsonObject(bytes)).toBe(undefined)
})

test.each([
  ['{}', {}],
  ['{"a":{"b":1},"c":{"b":1}}', { a: { b: 1 }, c: { b: 1 } }],
  ['{"a":"a","b":["a","a"]}', { a: 'a', b: ['a', 'a'] }],
  ['{"a:":"{\\"a\\":1,\\"a\\":2}"}', { 'a:': '{"a":1,"a":2}' }],
  ['{"\\"a\\"":1,"a":2}', { '"a"': 1, a: 2 }],
  ['{"a":"\\ud83d\\ude00"}', { a: '😀' }],
])('%s is read', (text, value) => {
  expect(JSON.parse(JSON.stringify(read(text)))).toEqual(value)
})

test('J36 names of Object.prototype are names like any other, at every depth', () => {
  const value = read('{"__proto__":{"scope":"admin"},"a":{"__proto__":1}}')
  expect(value?.['scope']).toBe(undefined)
  expect(value?.['constructor']).toBe(undefined)
  expect(Object.keys(value ?? {})).toEqual(['__proto__', 'a'])
  expect(Object.getPrototypeOf(value?.['a'])).toBe(null)
})

test('reads what JSON.parse reads whenever names are unique', () => {
  const objects = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ depthSize: 'small' }))
  fc.assert(
    fc.property(objects, (value) => {
      const text = JSON.stringify(value)
      expect(JSON.stringify(read(text))).toBe(
        text.isWellFormed() ? JSON.stringify(JSON.parse(text)) : undefined,
      )
    }),
    { numRuns: 300, seed: 7 },
  )
})
