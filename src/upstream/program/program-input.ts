// What waits until a program reads it. Callers who share a program take turns, and none may fill the room of the others; what
// one caller says stays in its order. Knows no message.
import type { Writable } from 'node:stream'
import { createFairQueue } from '../../core/fair-queue.ts'
import { createShares, type Shares, shareOf } from '../../core/shares.ts'

/** What may wait until a program reads it. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024
/** Of it, what the gateway itself says: answers to requests of the program, cancelled ids. */
const MAX_OWN_UNREAD_BYTES = 256 * 1024
/** What is handed to the pipe before it is read: from there on nobody can be let go first. */
const MAX_IN_PIPE_BYTES = 64 * 1024

interface WaitingLine {
  readonly bytes: Buffer
  /** It is in the pipe, or never will be. */
  readonly onWritten: (() => void) | undefined
}

export class ProgramInput {
  readonly #pipe: Writable
  readonly #room: Shares
  readonly #share: number
  readonly #lines = createFairQueue<WaitingLine>({
    size: Number.POSITIVE_INFINITY,
    share: Number.POSITIVE_INFINITY,
  })
  #own = 0
  #isClosed = false

  /** `sharePerCaller`: 1 where only one caller uses it. */
  constructor(pipe: Writable, sharePerCaller: number) {
    this.#pipe = pipe
    this.#share = shareOf(MAX_UNREAD_BYTES, sharePerCaller)
    this.#room = createShares({ size: MAX_UNREAD_BYTES, share: this.#share })
  }

  /** Room for so many bytes of a caller; the result gives it back. Undefined when there is none. */
  reserve(caller: string, bytes: number): (() => void) | undefined {
    const amount = Math.min(bytes, this.#share) // one message always has room where its caller has no other
    if (this.#isClosed || this.#room.take(caller, amount) !== undefined) return undefined
    return () => this.#room.give(caller, amount)
  }

  /** Within what was reserved. `line` ends with its end of line. */
  write(caller: string, line: Buffer, onWritten?: () => void): void {
    if (this.#isClosed) onWritten?.()
    else {
      this.#lines.join(caller, { bytes: line, onWritten })
      this.#flow()
    }
  }

  /** Of the gateway itself, behind what this caller said. False, and left out, where the program does not read. */
  tell(line: Buffer, caller: string): boolean {
    if (this.#own + line.length > MAX_OWN_UNREAD_BYTES) return false
    this.#own += line.length
    this.write(caller, line, () => {
      this.#own -= line.length
    })
    return true
  }

  /** No more is written; what is in the pipe still may be read. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { onWritten } of this.#lines.drain()) onWritten?.()
    this.#pipe.end()
  }

  #flow(): void {
    while (this.#pipe.writableLength < MAX_IN_PIPE_BYTES) {
      const line = this.#lines.next()
      if (line === undefined) return
      this.#pipe.write(line.bytes, () => {
        line.onWritten?.()
        this.#flow()
      })
    }
  }
}
