// JSON that is only looked at: what is none is undefined, and never an error.
import { expect, test } from 'vitest'
import { hasMembers, membersOf, parseJson } from '../../src/lib/json.ts'

test.each(['', '{', 'undefined', "{'a':1}", '{}{}'])('%j is no JSON', (text) => {
  expect(parseJson(text)).toBeUndefined()
})

test.each([['{"a":1,"a":2}'], ['{}'], ['{"__proto__":1}']])('%s has members', (text) => {
  const value = parseJson(text)
  expect(value).toEqual(JSON.parse(text))
  expect(hasMembers(value)).toBe(true)
  expect(membersOf(value)).toBe(value)
})

test.each(['null', '[]', '"{}"', '1', 'true'])('%s has none', (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text))
  expect(membersOf(parseJson(text))).toBeUndefined()
})
