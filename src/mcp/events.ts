// Splits server-sent events from a stream of bytes and puts them together again byte for byte (WHATWG HTML §9.2.6, L01
// to L05). It understands no data and keeps an event only until its end is seen.

import { placeOf, withRoom } from '../core/bytes.ts'
import { withoutMark } from './answer.ts'
import { hasByteOrderMark } from './scan.ts'

export interface StreamEvent {
  /** The event as it came, with its end. An event that is not changed is sent on as these bytes. */
  readonly bytes: Buffer
  /** The data lines, joined by line feeds; undefined when there is none (comments, `id`, `retry`). */
  readonly data: Buffer | undefined
  readonly type: string | undefined
  /** Whether it has an id, by which a client can ask for what came after it. */
  readonly isNamed: boolean
  /**
   * Which part of an event this is, when the event is too large to keep; a part has no `data`. Undefined for a whole
   * event.
   */
  readonly part?: 'begins' | 'continues' | 'ends'
}

export interface EventSplitterOptions {
  readonly maxEventBytes: number
  /** An event that is larger than this comes in parts; absent: no event does. */
  readonly partedOverBytes?: number | undefined
}

export interface EventSplitter {
  /**
   * Returns undefined as soon as one event is larger or has more lines than allowed, and ever after: the stream cannot
   * be judged.
   */
  readonly push: (chunk: Buffer) => readonly StreamEvent[] | undefined
}

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20

/** Each line is an object of its own while its event is read. */
const MAX_EVENT_LINES = 65_536
const NOTHING = Buffer.alloc(0)

export function createEventSplitter(options: EventSplitterOptions): EventSplitter {
  return new Splitter(options)
}

class Splitter implements EventSplitter {
  readonly #maxEventBytes: number
  readonly #partedOverBytes: number
  /**
   * The bytes of an event that has not ended: one piece as it came, without room after it, or a copy of several pieces.
   */
  #pending: Buffer = NOTHING
  #pendingBytes = 0
  #lines = 0
  #lineIsEmpty = true
  #afterCr = false
  #fresh = true
  #overflowed = false
  /** Whether the event under way comes in parts. */
  #parted = false

  constructor({ maxEventBytes, partedOverBytes = Number.POSITIVE_INFINITY }: EventSplitterOptions) {
    this.#maxEventBytes = maxEventBytes
    this.#partedOverBytes = partedOverBytes
  }

  readonly push = (chunk: Buffer): readonly StreamEvent[] | undefined => {
    const events: StreamEvent[] = []
    let from = 0
    while (from < chunk.length && !this.#overflowed) {
      const end = this.#endOfEvent(chunk, from)
      const to = end < 0 ? chunk.length : end
      this.#keep(chunk.subarray(from, to))
      const event = this.#overflowed ? undefined : this.#take(end >= 0)
      if (event !== undefined) events.push(event)
      from = to
    }
    return this.#overflowed ? undefined : events
  }

  /** Whether this byte ends an event. A CR ends its line at once; an LF may follow, even in the next chunk. */
  #ends(byte: number): boolean {
    const completesCr = this.#afterCr && byte === LF
    this.#afterCr = byte === CR
    if (completesCr) return this.#fresh // the LF of an end that was reported already goes out at once
    const wasEmpty = this.#lineIsEmpty
    this.#lineIsEmpty = byte === LF || byte === CR
    if (this.#lineIsEmpty) this.#lines += 1
    else this.#fresh = false
    return this.#lineIsEmpty && wasEmpty
  }

  /** Returns the index after the event that begins at `from`; -1 when the chunk ends first. */
  #endOfEvent(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (!this.#ends(chunk[at] ?? LF)) continue
      if (!this.#afterCr || chunk[at + 1] !== LF) return at + 1
      this.#afterCr = false
      return at + 2
    }
    return -1
  }

  #keep(bytes: Buffer): void {
    if (this.#pendingBytes === 0) this.#pending = bytes
    else {
      this.#pending = withRoom(this.#pending, this.#pendingBytes, bytes.length)
      bytes.copy(this.#pending, this.#pendingBytes)
    }
    this.#pendingBytes += bytes.length
    this.#overflowed ||= this.#pendingBytes > this.#maxEventBytes || this.#lines > MAX_EVENT_LINES
  }

  /** Returns the event, or a part of it; undefined while there is neither. */
  #take(isWhole: boolean): StreamEvent | undefined {
    const goesOn = isWhole || this.#parted || this.#pendingBytes > this.#partedOverBytes
    if (!goesOn) return undefined
    const bytes = this.#takeKept()
    const part = isWhole ? 'ends' : this.#parted ? 'continues' : 'begins'
    const event = isWhole && !this.#parted ? readEvent(bytes) : partOf(bytes, part)
    this.#parted = !isWhole
    if (isWhole) this.#fresh = true
    return event
  }

  #takeKept(): Buffer {
    const whole = this.#pendingBytes === this.#pending.length
    const kept = whole ? this.#pending : this.#pending.subarray(0, this.#pendingBytes)
    this.#pending = NOTHING
    this.#pendingBytes = 0
    this.#lines = 0
    return kept
  }
}

function partOf(bytes: Buffer, part: 'begins' | 'continues' | 'ends'): StreamEvent {
  const isNamed = part === 'begins' && readEvent(bytes).isNamed
  return { bytes, data: undefined, type: undefined, isNamed, part }
}

interface Field {
  /** The line without its end. */
  readonly line: Buffer
  readonly ending: Buffer
  readonly name: string
  readonly value: Buffer
}

// The WHATWG standard strips one mark, at the start of the stream. Some clients decode chunk by chunk and strip more,
// so a line that is data to one of them is judged as data (L04).
export function readEvent(bytes: Buffer): StreamEvent {
  const data: Buffer[] = []
  let type: string | undefined
  let isNamed = false
  for (const { name, value } of fieldsOf(withoutMark(bytes))) {
    if (name === 'data') data.push(value)
    if (name === 'event') type = value.toString('utf8')
    if (name === 'id') isNamed = value.length > 0
  }
  return { bytes, data: data.length === 0 ? undefined : joinLines(data), type, isNamed }
}

/** Makes an event of bytes with a line that may be an id, and reads nothing else of them. */
export function readName(bytes: Buffer): StreamEvent {
  return { bytes, data: undefined, type: undefined, isNamed: true }
}

/** Whether an event, or the first part of one, has an id in the form in which it goes on. */
export function isNamed(bytes: Buffer): boolean {
  return readEvent(bytes).isNamed
}

/** Returns the event with other data. Its comments, `id`, `event` and `retry` lines stay byte for byte (LEG-08). */
export function withData(event: StreamEvent, data: Buffer): Buffer {
  const pieces: Buffer[] = []
  let written = false
  for (const { line, ending, name } of fieldsOf(withoutMark(event.bytes))) {
    // L04: by the standard a line after a mark is no field, but it is one to a client that strips the mark.
    const isDropped = name === 'data' ? written : hasByteOrderMark(line)
    if (isDropped) {
      // This line end replaces the one before, which may be a CR: followed by an LF, the two would be one line end.
      if (pieces.length > 0) pieces[pieces.length - 1] = ending
    } else if (name !== 'data') pieces.push(line, ending)
    else {
      // L28: a line end in the data would begin another line of the event.
      for (const each of linesOf(data)) pieces.push(Buffer.from('data: '), each.line, ending)
      written = true
    }
  }
  return Buffer.concat(pieces)
}

/** Returns the event with other ids; unchanged when it has none in the end. */
export function withIds(bytes: Buffer, replace: (id: string) => string): Buffer {
  const pieces: Buffer[] = []
  let isLastNamed = false
  for (const { line, ending, name, value } of fieldsOf(withoutMark(bytes))) {
    const isId = name === 'id'
    if (isId) isLastNamed = value.length > 0
    pieces.push(isId && isLastNamed ? Buffer.from(`id: ${replace(value.toString('utf8'))}`) : line, ending)
  }
  return isLastNamed ? Buffer.concat(pieces) : bytes
}

function joinLines(lines: readonly Buffer[]): Buffer {
  const first = lines[0]
  if (lines.length === 1 && first !== undefined) return first
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from([LF]), line])))
}

function fieldsOf(bytes: Buffer): readonly Field[] {
  return linesOf(bytes).map(({ line, ending }) => {
    const colon = line.indexOf(COLON)
    if (colon < 0) return { line, ending, name: line.toString('latin1'), value: line.subarray(line.length) }
    const from = line[colon + 1] === SPACE ? colon + 2 : colon + 1
    return { line, ending, name: line.toString('latin1', 0, colon), value: line.subarray(from) }
  })
}

/** Lines end with CR LF, LF or CR; the last may have no end. */
function linesOf(bytes: Buffer): readonly { readonly line: Buffer; readonly ending: Buffer }[] {
  const lines: { line: Buffer; ending: Buffer }[] = []
  let lf = -1
  let cr = -1
  for (let from = 0; from < bytes.length; ) {
    if (lf < from) lf = placeOf(bytes, LF, from)
    if (cr < from) cr = placeOf(bytes, CR, from)
    const at = Math.min(lf, cr, bytes.length)
    const after = Math.min(lf === at + 1 && cr === at ? at + 2 : at + 1, bytes.length)
    lines.push({ line: bytes.subarray(from, at), ending: bytes.subarray(at, after) })
    from = after
  }
  return lines
}
