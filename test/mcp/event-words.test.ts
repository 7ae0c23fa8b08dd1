// The words for which an event is read: wherever they stand in memory and in the bytes, and in any case.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexOfWord } from '../../src/mcp/event-words.ts'
import { growthOf, LINEAR } from '../support/growth.ts'

const WORDS = ['esult', 'ESULT', 'eSuLt', 'eſult', 'EſULT', 'rror', 'RROR', 'rRor', 'updated', 'UpDated']
const SIGNS = ['\\u00', '\\u017', '\0', '\ufeff']
/** The same words as a regular expression over latin1. */
const REFERENCE = /e(?:s|\xc5\xbf)ult|rror|updated/i
const SIGN = /\\u0(?:0|17)|\0|\xef\xbb\xbf/

function reads(bytes: Buffer): boolean {
  const latin1 = bytes.toString('latin1')
  return REFERENCE.test(latin1) || SIGN.test(latin1)
}

/** The bytes at each place of memory, even and odd, with other words before and behind them. */
function placed(bytes: Buffer): Buffer[] {
  return [0, 1, 2, 3].map((before) => {
    const room = Buffer.from(`${'\0'.repeat(before)}${bytes.toString('latin1')}\0result`, 'latin1')
    return room.subarray(before, before + bytes.length)
  })
}

test.each([...WORDS, ...SIGNS])('%j is found at every place', (word) => {
  for (let at = 0; at < 12; at += 1)
    for (let behind = 0; behind < 12; behind += 1) {
      const bytes = Buffer.from(`${'.'.repeat(at)}${word}${'.'.repeat(behind)}`)
      for (const each of placed(bytes)) {
        const found = indexOfWord(each, 0)
        expect(found).toBeGreaterThanOrEqual(Math.max(0, at - 1))
        expect(found).toBeLessThan(at + Buffer.byteLength(word))
        expect(indexOfWord(each, at + Buffer.byteLength(word))).toBe(Number.POSITIVE_INFINITY)
      }
    }
})

test.each([
  '',
  'x',
  'ul',
  'the tumult',
  'consul',
  'ro',
  'rrr',
  'pd',
  'updat',
  '\\u',
  '\\u01',
  'ſult',
  '\\U00',
])('%j has none', (text) => {
  for (const bytes of placed(Buffer.from(text))) expect(indexOfWord(bytes, 0)).toBe(Number.POSITIVE_INFINITY)
})

const letter = fc.constantFrom(...'esultESULTror\\u017pda', 'ſ', '\0', '\ufeff', 'é')
test('the same as a regular expression, on random bytes', () => {
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 24 }), (letters) => {
      const bytes = Buffer.from(letters.join(''))
      for (const each of placed(bytes))
        expect(indexOfWord(each, 0) < Number.POSITIVE_INFINITY).toBe(reads(bytes))
    }),
    { numRuns: 3_000, seed: 1 },
  )
})

test.each(['ro', 'ul', 'u0', 'up', 'rr'])('bytes full of %j, which a word has, take linear time', (pair) => {
  const growth = growthOf((length) => {
    const bytes = Buffer.from(pair.repeat(length))
    return () => indexOfWord(bytes, 0)
  })
  expect(growth).toBeLessThan(LINEAR)
})
