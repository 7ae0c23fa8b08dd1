// The body of a `text/event-stream` answer that the gateway makes of messages of a program. It holds what its reader has
// not taken; over the bound it takes nothing more.
import type { Refusal } from '../../core/refusal.ts'
import type { ReplySink, ReplyStream } from '../reply.ts'

/** What one reader may leave unread before the stream is given up. */
const MAX_UNSENT_BYTES = 32 * 1024 * 1024

export class EventStream implements ReplyStream {
  readonly #onClosed: (left: boolean) => void
  #sink: ReplySink | undefined
  #isPaused = true
  #waiting: Buffer[] = []
  /** Those of `#waiting` before it were taken. */
  #next = 0
  /** Bytes of the messages that were not. */
  #bytes = 0
  #end: 'whole' | Refusal | undefined
  #isOver = false

  /** `onClosed` is called once. `left`: its reader did not wait for the end. */
  constructor(onClosed: (left: boolean) => void) {
    this.#onClosed = onClosed
  }

  /** Whether somebody may still read what is said. */
  get isOpen(): boolean {
    return !this.#isOver && this.#end === undefined
  }

  /** `message` is JSON in one line. False when there is no room for it, or nobody to read it. */
  push(message: Buffer): boolean {
    if (!this.isOpen || this.#bytes + message.length > MAX_UNSENT_BYTES) return false
    this.#waiting.push(eventOf(message))
    this.#bytes += message.length
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

  #finish(end: 'whole' | Refusal): void {
    this.#end ??= end
    this.#flow()
  }

  /** The sink may pause, or abort, during each call. */
  #flow(): void {
    while (!this.#isPaused && !this.#isOver && this.#next < this.#waiting.length) {
      const event = this.#waiting[this.#next] as Buffer
      this.#next += 1
      this.#bytes -= event.length - FRAME_BYTES
      this.#sink?.data(event)
    }
    this.#dropTaken()
    if (this.#isPaused || this.#isOver || this.#end === undefined) return
    const sink = this.#sink
    const end = this.#end
    this.#close(false)
    if (end === 'whole') sink?.end()
    else sink?.fail(end)
  }

  /** By halves, so that each event is moved once on average, however many wait. */
  #dropTaken(): void {
    if (this.#next * 2 < this.#waiting.length) return
    this.#waiting = this.#waiting.slice(this.#next)
    this.#next = 0
  }

  #close(left: boolean): void {
    this.#isOver = true
    this.#waiting = []
    this.#next = 0
    this.#bytes = 0
    this.#onClosed(left)
  }
}

const BEFORE = Buffer.from('event: message\ndata: ')
const AFTER = Buffer.from('\n\n')
const FRAME_BYTES = BEFORE.length + AFTER.length

function eventOf(message: Buffer): Buffer {
  return Buffer.concat([BEFORE, message, AFTER])
}
