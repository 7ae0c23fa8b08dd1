// The body of an answer that the gateway makes of what a program says. It holds what its reader has not taken; over the bounds
// it takes nothing more.
import type { Refusal } from '../../core/refusal.ts'
import type { ReplySink, ReplyStream } from '../reply.ts'
import type { UnreadRoom } from './unread-room.ts'

/** What one reader may leave unread before the stream is given up. */
const MAX_UNSENT_BYTES = 32 * 1024 * 1024
/** A reader is given so much at one time, and may pause in between. */
const MAX_GIVEN_BYTES = 64 * 1024

export class UnreadStream implements ReplyStream {
  readonly #room: UnreadRoom
  readonly #onClosed: (left: boolean) => void
  #sink: ReplySink | undefined
  #isPaused = true
  #waiting: Buffer[] = []
  /** Those of `#waiting` before it were taken. */
  #next = 0
  /** Of those that were not. */
  #bytes = 0
  #end: 'whole' | Refusal | undefined
  #isOver = false

  /** `onClosed` is called once. `left`: its reader did not wait for the end. */
  constructor(room: UnreadRoom, onClosed: (left: boolean) => void) {
    this.#room = room
    this.#onClosed = onClosed
  }

  /** Whether somebody may still read what is said. */
  get isOpen(): boolean {
    return !this.#isOver && this.#end === undefined
  }

  /** `bytes` are kept. False when there is no room for them, or nobody to read them. */
  push(bytes: Buffer): boolean {
    if (!this.isOpen) return false
    if (this.#isFlowing && bytes.length <= MAX_GIVEN_BYTES) {
      this.#sink?.data(bytes)
      return true
    }
    if (this.#bytes + bytes.length > MAX_UNSENT_BYTES || !this.#room.take(bytes.length)) return false
    this.#bytes += bytes.length
    for (let at = 0; at < bytes.length; at += MAX_GIVEN_BYTES)
      this.#waiting.push(bytes.subarray(at, at + MAX_GIVEN_BYTES))
    this.#flow()
    return true
  }

  end(): void {
    this.#finish('whole')
  }

  fail(why: Refusal): void {
    this.#finish(why)
  }

  start(sink: ReplySink): void {
    this.#sink = sink
    this.resume()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#flow()
  }

  abort(): void {
    if (!this.#isOver) this.#close(true)
  }

  /** Whoever reads needs no room. */
  get #isFlowing(): boolean {
    return this.#sink !== undefined && !this.#isPaused && this.#bytes === 0
  }

  #finish(end: 'whole' | Refusal): void {
    this.#end ??= end
    this.#flow()
  }

  /** The sink may pause, or abort, during each call. */
  #flow(): void {
    while (!this.#isPaused && !this.#isOver && this.#next < this.#waiting.length) {
      const bytes = this.#waiting[this.#next] as Buffer
      this.#next += 1
      this.#taken(bytes.length)
      this.#sink?.data(bytes)
    }
    this.#dropTaken()
    if (this.#isPaused || this.#isOver || this.#end === undefined) return
    const sink = this.#sink
    const end = this.#end
    this.#close(false)
    if (end === 'whole') sink?.end()
    else sink?.fail(end)
  }

  /** By halves, so that each piece is moved once on average, however many wait. */
  #dropTaken(): void {
    if (this.#next * 2 < this.#waiting.length) return
    this.#waiting = this.#waiting.slice(this.#next)
    this.#next = 0
  }

  #taken(bytes: number): void {
    this.#bytes -= bytes
    this.#room.give(bytes)
  }

  #close(left: boolean): void {
    this.#isOver = true
    this.#waiting = []
    this.#next = 0
    this.#taken(this.#bytes)
    this.#onClosed(left)
  }
}
