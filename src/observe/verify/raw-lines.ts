// The lines of a file as bytes, compressed or not. What they are is for the caller.

import { MAX_AUDIT_LINE_BYTES } from '../audit-line.ts'
import { openDecoded } from '../decoded-file.ts'

/** `isEnded`: whether a line break stands behind it. The bytes are good until the call ends. */
export type TakeLine = (bytes: Buffer, isEnded: boolean) => void

const NEWLINE = 0x0a
const EMPTY = Buffer.alloc(0)

/** Rejects with what opening, reading or unpacking says. A line that is longer than any of an audit comes in pieces. */
export async function readRawLines(file: string, take: TakeLine): Promise<void> {
  const stream = await openDecoded(file)
  if (typeof stream === 'string') throw new Error(stream)
  let rest: Buffer = EMPTY
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = bytes.indexOf(NEWLINE, rest.length); end !== -1; end = bytes.indexOf(NEWLINE)) {
      take(bytes.subarray(0, end), true)
      bytes = bytes.subarray(end + 1)
      rest = EMPTY
    }
    if (bytes.length > MAX_AUDIT_LINE_BYTES) {
      take(bytes, false)
      bytes = EMPTY
    }
    rest = Buffer.from(bytes)
  }
  if (rest.length > 0) take(rest, false)
}
