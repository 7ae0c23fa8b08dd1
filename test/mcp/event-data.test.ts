// The data of an event that comes in parts is the same as that of the whole event, wherever the parts end.
import { expect, test } from 'vitest'
import { PartedEvent } from '../../src/mcp/event-data.ts'
import { createEventSplitter } from '../../src/mcp/events.ts'

/** What goes on with letters replaced, and the data that was seen. */
function inParts(event: string, bytes: number): { shown: string; data: string } {
  const splitter = createEventSplitter({ maxEventBytes: 1 << 20, partedOverBytes: 3 })
  const whole = Buffer.from(event)
  const seen: Buffer[] = []
  const shown: Buffer[] = []
  const parted = new PartedEvent(
    (data) => {
      seen.push(data)
      return Buffer.from(data.toString('latin1').replaceAll('a', 'bb'), 'latin1')
    },
    (id) => `<${id}>`,
  )
  for (let at = 0; at < whole.length; at += bytes) {
    for (const part of splitter.push(whole.subarray(at, at + bytes)) ?? []) {
      const out = part.part === undefined ? part.bytes : parted.push(part.bytes)
      if (out !== undefined) shown.push(out)
    }
  }
  return { shown: Buffer.concat(shown).toString(), data: Buffer.concat(seen).toString() }
}

test.each([
  ['event: data\ndata: a1\nid: a\n\n', 'event: data\ndata: bb1\nid: <a>\n\n', 'a1\n'],
  ['data:a\r\ndata:  a\r\n: a\r\n\r\n', 'data:bb\r\ndata:  bb\r\n: a\r\n\r\n', 'a\n a\n'],
  ['\ufeffdata: a\rdatas: a\rdat: a\rdata\r\r', '\ufeffdata: bb\rdatas: a\rdat: a\rdata\r\r', 'a\n'],
  ['data:\ndata: a:a\n\n', 'data:\ndata: bb:bb\n\n', '\na:a\n'],
])('%j', (event, shown, data) => {
  for (const bytes of [1, 2, 3, 5]) expect(inParts(event, bytes)).toEqual({ shown, data })
})
