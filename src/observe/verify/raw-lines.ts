// The lines of a file as bytes, packed by gzip or not. What they are is for the caller.
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { MAX_AUDIT_LINE_BYTES } from '../audit-line.ts'

/** `isEnded`: whether a line break stands behind it. The bytes are good until the call ends. */
export type TakeLine = (bytes: Buffer, isEnded: boolean) => void

const NEWLINE = 0x0a

/** Rejects with what reading or unpacking says. A line that is longer than any of an audit comes in pieces. */
export async function readRawLines(file: string, take: TakeLine): Promise<void> {
  const split = async (chunks: AsyncIterable<Buffer>) => {
    let rest: Buffer = Buffer.alloc(0)
    for await (const chunk of chunks) {
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
  const isPacked = isGzip(file)
  const source = createReadStream(file)
  if (isPacked) await pipeline(source, createGunzip(), split)
  else await pipeline(source, split)
}

const EMPTY = Buffer.alloc(0)

/** RFC 1952 §2.3.1; the name says nothing. */
function isGzip(file: string): boolean {
  const fd = openSync(file, 'r')
  try {
    const start = Buffer.alloc(2)
    return readSync(fd, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b
  } finally {
    closeSync(fd)
  }
}
