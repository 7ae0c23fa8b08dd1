// Event streams as our own clients read them: WHATWG HTML §9.2.6, wherever the pieces of the stream are cut.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEventReader } from '../../src/lib/sse.ts'

function read(...pieces: readonly string[]): readonly string[] {
  const reader = createEventReader(1_000)
  return pieces.flatMap((piece) => reader.push(piece) ?? ['too large'])
}

test.each([
  ['data: one\n\n', ['one']],
  ['data:one\r\n\r\n', ['one']],
  ['data: one\r\rdata: two\r\r', ['one', 'two']],
  ['data:  one\n\n', [' one']],
  ['data: one\ndata: two\n\n', ['one\ntwo']],
  ['data: one\ndata\ndata:\n\n', ['one\n\n']],
  [': comment\nevent: endpoint\nid: 7\nretry: 9\ndata: /messages\n\n', ['/messages']],
  ['id: 7\n\n: only this\n\ndata\n\n', []],
  ['data: not ended\n', []],
  ['database: no\n\ndata : no\n\n', []],
  ['\n\n\ndata: one\n\n\n', ['one']],
  ['data: one\r\n\ndata: two\n\r\n', ['one', 'two']],
])('%j', (stream, data) => {
  expect(read(stream)).toEqual(data)
  expect(read(...stream)).toEqual(data) // each character by itself
})

test('it does not matter where the stream is cut', () => {
  const line = fc.constantFrom('data: a', 'data:b', 'data', ': c', 'id: 1', '', '')
  const end = fc.constantFrom('\n', '\r', '\r\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(60)), (lines, cuts) => {
      const stream = lines.flat().join('')
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length]
      const pieces = places.slice(1).map((to, index) => stream.slice(places[index], to))
      expect(read(...pieces)).toEqual(read(stream))
    }),
  )
})

test('one event has a size, and the stream has none', () => {
  const reader = createEventReader(20)
  for (let count = 0; count < 100; count += 1) expect(reader.push('data: 0123456789\n\n')).toHaveLength(1)
  expect(reader.push(`data: ${'x'.repeat(10)}`)).toEqual([])
  expect(reader.push('x'.repeat(10))).toBeUndefined()
  const lines = createEventReader(20)
  expect([lines.push('data: 01\ndata: 23\n'), lines.push('data: 45\n')]).toEqual([[], undefined])
})
