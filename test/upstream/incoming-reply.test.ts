// An answer that is collected: what it holds in memory while it comes.
import { expect, test } from 'vitest'
import type { Result } from '../../src/core/refusal.ts'
import { IncomingReply } from '../../src/upstream/incoming-reply.ts'
import type { Reply } from '../../src/upstream/reply.ts'

const LIMIT = 1024 * 1024
const JSON_TYPE = ['content-type', 'application/json']

/** An answer of unknown length in pieces of one size, up to so many bytes. */
function collect(bytes: number, pieceBytes: number): Result<Reply> | undefined {
  let answered: Result<Reply> | undefined
  const incoming = new IncomingReply(LIMIT, (result) => {
    answered = result
  })
  incoming.head(200, JSON_TYPE, undefined)
  const piece = Buffer.alloc(pieceBytes)
  for (let at = 0; at < bytes; at += pieceBytes) incoming.data(piece.fill(at & 0x7f))
  if (!incoming.aborted) incoming.end()
  return answered
}

test.each([7, 4_096, LIMIT])('it is whole, in pieces of %d bytes', (pieceBytes) => {
  const count = Math.floor(LIMIT / pieceBytes)
  const expected = Buffer.concat(
    Array.from({ length: count }, (_, i) => Buffer.alloc(pieceBytes, (i * pieceBytes) & 0x7f)),
  )
  const answered = collect(count * pieceBytes, pieceBytes)
  const body = answered?.ok === true ? answered.value.body : undefined
  expect(Buffer.isBuffer(body) && body.equals(expected)).toBe(true)
})

test('nothing of a body is an empty one', () => {
  expect(collect(0, 1)).toMatchObject({ ok: true, value: { body: Buffer.alloc(0) } })
})

test.each([7, LIMIT + 1])('beyond the limit it is refused, in pieces of %d bytes', (pieceBytes) => {
  expect(collect(LIMIT + 7, pieceBytes)).toMatchObject({ ok: false, refusal: { reason: 'upstream_invalid' } })
})

test('L29 chunks of one byte take no more memory than their bytes', () => {
  const incoming = new IncomingReply(LIMIT, () => {})
  incoming.head(200, JSON_TYPE, undefined)
  const piece = Buffer.from('a')
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < LIMIT; at += 1) incoming.data(piece)
  const grown = process.memoryUsage().heapUsed - before
  incoming.end()
  expect(grown).toBeLessThan(32 * LIMIT)
})
