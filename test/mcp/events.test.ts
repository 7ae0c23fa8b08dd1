import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEventSplitter, type StreamEvent, withData } from '../../src/mcp/events.ts'

interface Seen {
  readonly data: string | undefined
  readonly type: string | undefined
}

function split(stream: string | Buffer, cuts: readonly number[] = []): StreamEvent[] {
  const splitter = createEventSplitter({ maxEventBytes: 1 << 20 })
  const bytes = Buffer.from(stream as string)
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).flatMap((to, index) => splitter.push(bytes.subarray(edges[index] ?? 0, to)) ?? [])
}

function seen(events: readonly StreamEvent[]): Seen[] {
  return events
    .filter(({ data }) => data !== undefined)
    .map(({ data, type }) => ({ data: data?.toString(), type }))
}

function check(stream: string): (string | undefined)[] {
  return split(stream).map(({ data }) => data?.toString())
}

const streams: readonly (readonly [string, string, readonly (string | undefined)[]])[] = [
  ['one event', 'data: a\n\n', ['a']],
  ['no space after the colon', 'data:a\n\n', ['a']],
  ['two spaces', 'data:  a\n\n', [' a']],
  ['L01 data over two lines', 'data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']],
  ['L03 CR LF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['L03 CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['L03 mixed', 'data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\n\r', ['a', 'b', 'c', 'd']],
  ['L03 a blank line after CR LF', 'data: a\r\r\n\ndata: b\n\n', ['a', undefined, 'b']],
  ['L03 lone CR before data', 'event: x\rdata: a\n\n', ['a']],
  ['L04 a byte order mark', '\ufeffdata: a\n\n', ['a']],
  ['L04 a mark before a later event', 'data: a\n\n\ufeffdata: b\n\n', ['a', 'b']],
  ['L05 comments', ': hello\n\ndata: a\n\n', [undefined, 'a']],
  ['L05 comment inside', ':x\ndata: a\n\n', ['a']],
  ['LEG-08 priming', 'id: 1\ndata:\n\n', ['']],
  ['LEG-08 data without colon', 'data\n\n', ['']],
  ['LEG-08 retry alone', 'retry: 5\n\n', [undefined]],
  ['other names are no data', 'Data: a\ndata2: b\n data: c\n\n', [undefined]],
  ['blank lines between', '\n\ndata: a\n\n\n', [undefined, undefined, 'a', undefined]],
  ['the end is missing', 'data: a\n\ndata: b\n', ['a']],
]

test.each(streams)('%s', (_, stream, expected) => {
  expect(check(stream)).toEqual(expected)
  const bytes = Buffer.concat(split(stream).map((event) => event.bytes)).toString()
  expect(stream.startsWith(bytes)).toBe(true)
})

test('the type is the last event line', () => {
  expect(split('event: a\nevent: endpoint\ndata: /x\n\n')[0]?.type).toBe('endpoint')
  expect(split('data: /x\n\n')[0]?.type).toBeUndefined()
})

const field = fc.oneof(
  fc.constantFrom(
    'data',
    'data:',
    'data: {"é":1}',
    'data:  x',
    'id: 7',
    'event: message',
    ':',
    ': ping',
    'retry: 1',
    'junk',
  ),
  fc.string({ unit: fc.constantFrom(...'data: \ufeffé') }),
)
const ending = fc.constantFrom('\n', '\r', '\r\n')
const line = fc.tuple(fc.oneof(field, fc.constant('')), ending).map(([text, end]) => text + end)

test('L01 L03 the events are the same however the stream is cut, and their bytes are the stream', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 12 }), (lines, cuts) => {
      const stream = `${lines.join('')}x\n\n`
      const cut = split(stream, cuts)
      expect(seen(cut)).toEqual(seen(split(stream)))
      expect(Buffer.concat(cut.map((event) => event.bytes)).toString()).toBe(stream)
    }),
    { numRuns: 500 },
  )
})

test('the same byte by byte', () => {
  const stream = 'id: 1\r\ndata: é\r\n\r\n: c\n\ndata: a\rdata: b\r\revent: x\ndata: c\n\n'
  expect(seen(split(stream, [...Array(Buffer.byteLength(stream)).keys()]))).toEqual(seen(split(stream)))
})

const rebuilt: readonly (readonly [string, string, string, string])[] = [
  ['one line', 'data: a\n\n', 'b', 'data: b\n\n'],
  ['L01 several become one', 'data: {\ndata: }\n\n', '{}', 'data: {}\n\n'],
  [
    'id, event, retry and comments stay',
    ':c\r\nid:7\r\nevent: message\r\ndata:a\r\nretry: 5\r\n\r\n',
    'b',
    ':c\r\nid:7\r\nevent: message\r\ndata: b\r\nretry: 5\r\n\r\n',
  ],
  ['L28 data with line ends keeps its lines', 'data: a\r\r', 'x\nid: 9', 'data: x\rdata: id: 9\r\r'],
  ['a CR before a line that goes makes no CR LF', ':c\ndata: {\r:d\rdata: }\n\n', '1', ':c\ndata: 1\r:d\n\n'],
  ['the same where the line before is data', 'data: {\rdata: }\n\n', '1', 'data: 1\n\n'],
  [
    'L04 a line behind a second mark goes',
    '\ufeff\ufeffdata: a\nevent: x\r\ufeffdata: b\ndata: c\n\n',
    'd',
    'event: x\ndata: d\n\n',
  ],
  ['L04 the mark goes', '\ufeffdata: a\n\n', 'b', 'data: b\n\n'],
]

test.each(rebuilt)('rebuilt: %s', (_, stream, data, expected) => {
  const event = split(stream)[0]
  if (event === undefined) throw new Error('no event')
  const bytes = withData(event, Buffer.from(data))
  expect(bytes.toString()).toBe(expected)
  expect(seen(split(bytes))).toEqual([{ data, type: event.type }])
})

test('L24 an event over the limit ends the reading, for good', () => {
  const splitter = createEventSplitter({ maxEventBytes: 20 })
  expect(splitter.push(Buffer.from('data: 0123456\n\n'.repeat(9)))).toHaveLength(9)
  expect(splitter.push(Buffer.from('data: 0123456'))).toEqual([])
  expect(splitter.push(Buffer.from('78901234567'))).toBeUndefined()
  expect(splitter.push(Buffer.from('\n\ndata: a\n\n'))).toBeUndefined()
})

test('L24 an event over the limit within one chunk ends it too', () => {
  const splitter = createEventSplitter({ maxEventBytes: 20 })
  expect(splitter.push(Buffer.from(`data: ${'x'.repeat(20)}\n\ndata: a\n\n`))).toBeUndefined()
})

test('L24 an event of too many lines ends the reading; many events do not', () => {
  const lines = (count: number) => Buffer.from(':\n'.repeat(count))
  const push = (...chunks: Buffer[]) => {
    const splitter = createEventSplitter({ maxEventBytes: 1 << 20 })
    return chunks.map((chunk) => splitter.push(chunk)?.length)
  }
  const end = Buffer.from('\n')
  expect(push(lines(60_000), end, lines(60_000), end)).toEqual([0, 1, 0, 1])
  expect(push(lines(60_000), lines(6_000), end)).toEqual([0, undefined, undefined])
  expect(push(Buffer.concat([lines(66_000), end]))).toEqual([undefined])
})

test('L24 an event that comes byte by byte takes no more memory than its bytes', () => {
  const size = 1 << 20
  const splitter = createEventSplitter({ maxEventBytes: 2 * size })
  const piece = Buffer.from('a')
  const before = process.memoryUsage().heapUsed
  splitter.push(Buffer.from('data: '))
  for (let at = 0; at < size; at += 1) splitter.push(piece)
  const grown = process.memoryUsage().heapUsed - before
  expect(splitter.push(Buffer.from('\n\n'))?.[0]?.data?.length).toBe(size)
  expect(grown).toBeLessThan(64 * size)
})
