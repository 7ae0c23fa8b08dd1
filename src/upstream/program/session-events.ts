// What the client of a session may ask for again: the last events of its streams, by the ids that they had (MCP 2025-11-25
// transports, Resumability and Redelivery). What is not kept any more is not sent again.
import type { UnreadRoom } from './unread-room.ts'

/** Events of one session that are kept for a client that comes back. */
const MAX_KEPT_EVENTS = 100
/** … and their size; the newest alone may be larger. */
const MAX_KEPT_EVENT_BYTES = 1024 * 1024

export interface KeptEvent {
  /** The stream that it was said on. */
  readonly stream: number
  /** Its place in that. */
  readonly place: number
  readonly bytes: Buffer
}

/** What an id of an event says. */
export interface EventPlace {
  readonly stream: number
  readonly place: number
}

export class SessionEvents {
  readonly #room: UnreadRoom
  #kept: KeptEvent[] = []
  #bytes = 0
  #isOver = false

  /** `room`: of the caller, for this alone. */
  constructor(room: UnreadRoom) {
    this.#room = room
  }

  keep(event: KeptEvent): void {
    if (this.#isOver) return
    const { length } = event.bytes
    while (this.#kept.length >= MAX_KEPT_EVENTS || this.#bytes + length > MAX_KEPT_EVENT_BYTES) {
      if (!this.#dropOldest()) break
    }
    while (!this.#room.take(length)) {
      if (!this.#dropOldest()) return
    }
    this.#kept.push(event)
    this.#bytes += length
  }

  /** Those that were said after it on the same stream. */
  after({ stream, place }: EventPlace): readonly Buffer[] {
    return this.#kept
      .filter((event) => event.stream === stream && event.place > place)
      .map(({ bytes }) => bytes)
  }

  end(): void {
    this.#isOver = true
    while (this.#dropOldest());
  }

  #dropOldest(): boolean {
    const oldest = this.#kept.shift()
    if (oldest === undefined) return false
    this.#bytes -= oldest.bytes.length
    this.#room.give(oldest.bytes.length)
    return true
  }
}

export function eventId({ stream, place }: EventPlace): string {
  return `${stream}-${place}`
}

/** Undefined for an id that no event of a program had. */
export function placeOfEvent(id: string): EventPlace | undefined {
  const [, stream, place] = /^(\d{1,9})-(\d{1,9})$/.exec(id) ?? []
  return stream === undefined ? undefined : { stream: Number(stream), place: Number(place) }
}
