// Splits server-sent events into runs. Events in which nothing matters pass together without being split; only the
// others are split and read. It knows lines and words, and judges nothing.
import { placeOf, withRoom } from '../core/bytes.ts'
import { firstEnd, hasLoneCr, lastEnd, startOfEvent } from './event-ends.ts'
import { indexOfWord } from './event-words.ts'
import {
  createEventSplitter,
  type EventSplitterOptions,
  readEvent,
  readName,
  type StreamEvent,
} from './events.ts'

/** How many bytes are taken at one time, and up to which size an event is kept until it is whole. */
export const MAX_KEPT_EVENT_BYTES = 65_536

/** Each function gets views that are valid during the call only. */
export interface EventHandler {
  /** Gets whole events about which nothing has to be known. */
  passes(events: Buffer): void
  /**
   * Gets any other event, or a part of one. An event in which only its id matters comes without its data. Returns
   * whether more is wanted.
   */
  judges(event: StreamEvent): boolean
}

export interface EventRunsOptions extends EventSplitterOptions, EventHandler {
  /** Whether ids of events matter. */
  readonly findsIds: boolean
  /** Whether every event is judged. */
  readonly judgesAll: boolean
}

export interface EventRuns {
  /** Returns false as soon as nothing more is wanted, or an event is larger or has more lines than allowed. */
  push(bytes: Buffer): boolean
}

export function createEventRuns(options: EventRunsOptions): EventRuns {
  return new Runs(options)
}

const LF = 0x0a
const CR = 0x0d
const NOTHING = Buffer.alloc(0)
const ID_LINE = Buffer.from('\nid')
const NOWHERE = Number.POSITIVE_INFINITY

class Runs implements EventRuns {
  readonly #handler: EventHandler
  readonly #findsIds: boolean
  readonly #splitter: ReturnType<typeof createEventSplitter>
  /** Whether the rest of the stream is split event by event. */
  #splitsAll: boolean
  /** Whether the event under way is split, since it is too large to be kept here. */
  #splitsThis = false
  /** The bytes of an event that has not ended, with room behind them. */
  #begun: Buffer = NOTHING
  #begunBytes = 0
  /** The last byte that has come. */
  #last = LF

  constructor(options: EventRunsOptions) {
    this.#handler = options
    this.#findsIds = options.findsIds
    this.#splitsAll = options.judgesAll
    this.#splitter = createEventSplitter(options)
  }

  push(bytes: Buffer): boolean {
    for (let from = 0; from < bytes.length; from += MAX_KEPT_EVENT_BYTES)
      if (!this.#take(bytes.subarray(from, from + MAX_KEPT_EVENT_BYTES))) return false
    return true
  }

  #take(bytes: Buffer): boolean {
    if (!this.#splitsAll && hasLoneCr(bytes, this.#last === CR)) {
      this.#splitsAll = true
      return this.#split(this.#takeBegun(bytes))
    }
    if (this.#splitsAll) return this.#split(Buffer.from(bytes))
    const lineBegins = this.#last === LF
    this.#last = bytes[bytes.length - 1] ?? LF
    if (!this.#splitsThis && this.#begunBytes === 0) return this.#takeFresh(bytes)
    const end = firstEnd(bytes, 0, lineBegins)
    if (end < 0) return this.#keep(bytes)
    const first = bytes.subarray(0, end)
    const goesOn = this.#splitsThis ? this.#split(Buffer.from(first)) : this.#run(this.#takeBegun(first))
    this.#splitsThis = false
    return goesOn && this.#takeFresh(bytes.subarray(end))
  }

  /** Takes bytes at the beginning of an event. */
  #takeFresh(bytes: Buffer): boolean {
    const end = Math.max(0, lastEnd(bytes, 0))
    return this.#run(bytes.subarray(0, end)) && this.#keep(bytes.subarray(end))
  }

  /** Keeps bytes in which no event ends. */
  #keep(bytes: Buffer): boolean {
    if (bytes.length === 0) return true
    if (this.#splitsThis) return this.#split(Buffer.from(bytes))
    if (this.#begunBytes + bytes.length > MAX_KEPT_EVENT_BYTES) {
      this.#splitsThis = true
      return this.#split(this.#takeBegun(bytes))
    }
    this.#begun = withRoom(this.#begun, this.#begunBytes, bytes.length)
    this.#begunBytes += bytes.copy(this.#begun, this.#begunBytes)
    return true
  }

  /** Returns the kept bytes with these after them. */
  #takeBegun(bytes: Buffer): Buffer {
    const whole = Buffer.concat([this.#begun.subarray(0, this.#begunBytes), bytes])
    this.#begun = NOTHING
    this.#begunBytes = 0
    return whole
  }

  /** Splits the bytes; the splitter keeps what is not whole. */
  #split(bytes: Buffer): boolean {
    return this.#splitter.push(bytes)?.every((event) => this.#handler.judges(event)) ?? false
  }

  /** Takes whole events. */
  #run(bytes: Buffer): boolean {
    const found = { word: -1, id: this.#findsIds ? -1 : NOWHERE }
    for (let at = 0; at < bytes.length; ) {
      lookFrom(bytes, at, found)
      const next = Math.min(found.word, found.id)
      const start = next === NOWHERE ? bytes.length : startOfEvent(bytes, next, at)
      if (start > at) this.#handler.passes(bytes.subarray(at, start))
      if (start === bytes.length) return true
      const end = firstEnd(bytes, next, next === start || bytes[next - 1] === LF)
      const event = bytes.subarray(start, end)
      if (!this.#handler.judges(found.word < end ? readEvent(event) : readName(event))) return false
      at = end
    }
    return true
  }
}

/** Searches again only when the place found before has been passed, so that each byte is searched once. */
function lookFrom(bytes: Buffer, at: number, found: { word: number; id: number }): void {
  if (found.word < at) found.word = indexOfWord(bytes, at)
  if (found.id < at) found.id = idFrom(bytes, at)
}

/** Returns the start of a line that begins with `id`, at or after the beginning of an event. */
function idFrom(bytes: Buffer, at: number): number {
  if (bytes[at] === ID_LINE[1] && bytes[at + 1] === ID_LINE[2]) return at
  return placeOf(bytes, ID_LINE, at) + 1
}
