// What an answer tells caches is replaced while it passes, wherever its pieces end.
import { expect, test } from 'vitest'
import { createEnvelopeReader, withOwnHints } from '../../src/mcp/envelope-reader.ts'

const told = (result: string) => `{"jsonrpc":"2.0","id":1,"result":${result}}`

/** As it comes out when it goes in by pieces of this many bytes. */
function inPieces(json: string, bytes: number): string | undefined {
  const reader = createEnvelopeReader(
    { begins: () => true, names: () => true, lists: () => true, ends: () => true },
    5_000,
  )
  const whole = Buffer.from(json)
  const out: Buffer[] = []
  for (let at = 0; at < whole.length; at += bytes) {
    const shown = reader.push(whole.subarray(at, at + bytes))
    if (shown === undefined) return undefined
    out.push(shown)
  }
  return reader.done ? Buffer.concat(out).toString() : undefined
}

test.each([
  ['{"cacheScope":"public","ttlMs":600000,"a":1}', '{"cacheScope":"private","ttlMs":5000,"a":1}'],
  ['{"ttlMs" : 6e5 , "cacheScope" :"p\\u0075blic"}', '{"ttlMs" : 5000 , "cacheScope" :"private"}'],
  ['{"a":[{"cacheScope":"public"}],"ttlMs":4999}', '{"a":[{"cacheScope":"public"}],"ttlMs":4999}'],
  ['{"CacheScope":"public","ttlm\u017f":5001}', '{"CacheScope":"private","ttlm\u017f":5000}'],
  ['{"cacheScope":"public","\\u0063acheScope":"x"}', '{"cacheScope":"private","\\u0063acheScope":"private"}'],
  ['{"cacheScope":null,"ttlMs":"6"}', '{"cacheScope":null,"ttlMs":"6"}'],
  ['{"contents":[{"text":"ä \\"ttlMs\\":9"}]}', '{"contents":[{"text":"ä \\"ttlMs\\":9"}]}'],
])('L80 %s', (result, shown) => {
  const whole = Buffer.from(told(result))
  expect(withOwnHints(whole, 5_000)?.toString()).toBe(told(shown))
  for (const bytes of [1, 2, 3, 7, 64]) expect(inPieces(told(result), bytes)).toBe(told(shown))
})

test('L80 members of an error, and of the envelope, are no hints', () => {
  const error = '{"id":1,"ttlMs":9000,"error":{"ttlMs":9000,"cacheScope":"public"}}'
  expect(withOwnHints(Buffer.from(error), 5_000)?.toString()).toBe(error)
})
