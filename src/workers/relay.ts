// Passes the output of workers on to that of the primary, in whole lines: when several processes write into one pipe,
// texts longer than the pipe accepts at once get mixed. A worker whose lines are not taken has to wait.
import { write } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** A longer line goes on in pieces. */
const MAX_LINE_BYTES = 1024 * 1024
/** The time until a full pipe is tried again. */
const RETRY_MS = 20
const NEWLINE = 0x0a

export interface LineWriter {
  /** Resolves when the bytes are written, or cannot be. Texts of whole lines are written one after the other. */
  write(bytes: Buffer): Promise<void>
}

export function createLineWriter(fd: number): LineWriter {
  let last = Promise.resolve()
  return {
    write(bytes) {
      last = last.then(() => writeAll(fd, bytes))
      return last
    },
  }
}

/** Writes all bytes. When nobody reads the output any more, they are lost and the gateway serves on. */
async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  let rest = bytes
  while (rest.length > 0) {
    const written = await writeSome(fd, rest)
    if (written === 'full') await delay(RETRY_MS)
    else if (written === 'lost') return
    else rest = rest.subarray(written)
  }
}

function writeSome(fd: number, bytes: Buffer): Promise<number | 'full' | 'lost'> {
  return new Promise((resolve) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written)
      else resolve(error.code === 'EAGAIN' ? 'full' : 'lost')
    })
  })
}

/** Resolves when the stream ends. */
export async function relayLines(from: Readable, to: LineWriter): Promise<void> {
  let begun: Buffer = Buffer.alloc(0)
  for await (const chunk of from as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end === 0 && begun.length + chunk.length <= MAX_LINE_BYTES) begun = Buffer.concat([begun, chunk])
    else {
      const cut = end === 0 ? chunk.length : end
      await to.write(Buffer.concat([begun, chunk.subarray(0, cut)]))
      begun = Buffer.from(chunk.subarray(cut))
    }
  }
  if (begun.length > 0) await to.write(begun)
}
