// A stream of a session whose client may lose it and come back (MCP 2025-11-25 transports): what is said goes to whoever reads
// it now, and is kept for a while under an id.
import type { Refusal } from '../../core/refusal.ts'
import { serverEvent } from './server-event.ts'
import { type EventPlace, eventId, type SessionEvents } from './session-events.ts'
import type { UnreadStream } from './unread-stream.ts'

const UNREAD_EVENTS: Refusal = { reason: 'overloaded', detail: 'the client does not read its stream' }

export class ResumableStream {
  readonly #number: number
  readonly #events: SessionEvents
  /** Who reads it now. */
  #reader: UnreadStream | undefined
  #last = 0
  #isOver = false

  constructor(number: number, events: SessionEvents) {
    this.#number = number
    this.#events = events
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get isHeard(): boolean {
    return this.#reader?.isOpen === true
  }

  /** From now on this one reads it; whoever did before has lost it. */
  attach(reader: UnreadStream): void {
    this.#reader?.end()
    this.#reader = reader
  }

  /** Says an id with which the client can come back, and nothing else. For clients of 2025-11-25: older ones read the data. */
  prime(): void {
    const id = eventId({ stream: this.#number, place: this.#last })
    this.#reader?.push(Buffer.from(`id: ${id}\ndata: \n\n`))
  }

  /** What was said after this, and from then on what comes. */
  resume(reader: UnreadStream, from: EventPlace): void {
    this.attach(reader)
    for (const bytes of this.#events.after(from)) reader.push(bytes)
    if (this.#isOver) reader.end()
  }

  /** The reader is gone. */
  detach(reader: UnreadStream): void {
    if (this.#reader === reader) this.#reader = undefined
  }

  say(message: Buffer): void {
    this.#last += 1
    const at = { stream: this.#number, place: this.#last }
    const bytes = serverEvent(message, eventId(at))
    this.#events.keep({ ...at, bytes })
    if (this.#reader?.push(bytes) === false) {
      this.#reader.fail(UNREAD_EVENTS)
      this.#reader = undefined
    }
  }

  end(): void {
    this.#isOver = true
    this.#reader?.end()
    this.#reader = undefined
  }
}
