// One session of a client (MCP 2025-11-25 transports, Session Management): whose it is, its calls, its stream, and what the
// program asked its client. Its id is known to its client sealed; here it only has to be found.
import { randomBytes } from 'node:crypto'
import type { ClientCall } from './client-call.ts'
import type { Program } from './program.ts'
import type { ProgramCaller } from './program-request.ts'
import type { WantedProgram } from './program-table.ts'
import { ResumableStream } from './resumable-stream.ts'
import { placeOfEvent, SessionEvents } from './session-events.ts'
import type { UnreadRoom } from './unread-room.ts'
import { UnreadStream } from './unread-stream.ts'

const ID_BYTES = 24
/** Messages that wait until the client opens its stream. */
const MAX_KEPT_MESSAGES = 100
const MAX_KEPT_BYTES = 256 * 1024
/** Requests of a program without an answer of the client. */
const MAX_ASKED = 256
/** Streams of answers that a client may come back to. */
const MAX_ANSWER_STREAMS = 100
/** The number of the stream that only listens, beside those of answers. */
const LISTENING = 0

/** Of the caller. */
export interface SessionRooms {
  readonly unread: UnreadRoom
  readonly replay: UnreadRoom
}

export class ProgramSession {
  readonly id = randomBytes(ID_BYTES).toString('base64url')
  /** Equal for the same caller only. */
  readonly owner: string
  /** Whom it counts for. */
  readonly caller: string
  /** The program that only this session uses. */
  program: Program | undefined
  /** The program that it shares with others, which may be started again. */
  shared: WantedProgram | undefined
  isOver = false
  readonly calls = new Set<ClientCall>()
  /** Of the handshake, as its client was told; empty before that. */
  revision = ''
  readonly #events: SessionEvents
  readonly #listening: ResumableStream
  readonly #answers = new Map<number, ResumableStream>()
  #lastStream = LISTENING
  #kept: Buffer[] = []
  #keptBytes = 0
  readonly #asked = new Set<string>()
  readonly #room: UnreadRoom

  constructor(principal: ProgramCaller | undefined, caller: string, rooms: SessionRooms) {
    this.#room = rooms.unread
    this.#events = new SessionEvents(rooms.replay)
    this.#listening = new ResumableStream(LISTENING, this.#events)
    this.owner = ownerOfSession(principal)
    this.caller = caller
  }

  /** The client's call of this id: the one that began last. `id`: JSON text. */
  callOf(id: string | undefined): ClientCall | undefined {
    if (id === undefined) return undefined
    const value: unknown = JSON.parse(id)
    return [...this.calls].findLast((call) => call.idValue === value)
  }

  /** Opens the stream that only listens. One that is open ends: its client may have lost it without our knowing. */
  listen(onClosed: () => void): UnreadStream {
    const reader = this.#readerOf(this.#listening, onClosed)
    this.#listening.attach(reader)
    this.#sayKept()
    return reader
  }

  /** What was said after the event of this id, on the same stream; undefined for one that is not known any more. */
  resume(id: string, onClosed: () => void): UnreadStream | undefined {
    const place = placeOfEvent(id)
    const stream = place && (place.stream === LISTENING ? this.#listening : this.#answers.get(place.stream))
    if (place === undefined || stream === undefined) return undefined
    const reader = this.#readerOf(stream, onClosed)
    stream.resume(reader, place)
    if (stream === this.#listening) this.#sayKept()
    return reader
  }

  /** A stream for the answers to one POST. */
  answerStream(): ResumableStream {
    for (const [number, { isOver }] of this.#answers) {
      if (this.#answers.size < MAX_ANSWER_STREAMS) break
      if (isOver) this.#answers.delete(number)
    }
    this.#lastStream += 1
    const stream = new ResumableStream(this.#lastStream, this.#events)
    this.#answers.set(this.#lastStream, stream)
    return stream
  }

  #readerOf(stream: ResumableStream, onClosed: () => void): UnreadStream {
    const reader = new UnreadStream(this.#room, () => {
      stream.detach(reader)
      onClosed()
    })
    return reader
  }

  #sayKept(): void {
    for (const message of this.#kept.splice(0)) this.#listening.say(message)
    this.#keptBytes = 0
  }

  /** Says what belongs to a call on the stream that listens: there is no other in HTTP+SSE. */
  sayHere(message: Buffer): void {
    this.#listening.say(message)
  }

  /** Whether the stream that listens is open. */
  get isListening(): boolean {
    return this.#listening.isHeard
  }

  /** Says a message that belongs to no call: on the stream, else beside a call, else when the stream is opened. */
  say(message: Buffer): boolean {
    if (this.#listening.isHeard) {
      this.#listening.say(message)
      return true
    }
    const call = [...this.calls].findLast(({ reply }) => reply.isOpen)
    if (call !== undefined) {
      call.reply.aside(message)
      return true
    }
    const isFull = this.#kept.length >= MAX_KEPT_MESSAGES || this.#keptBytes + message.length > MAX_KEPT_BYTES
    if (isFull) return false
    this.#kept.push(message)
    this.#keptBytes += message.length
    return true
  }

  /** Whether somebody hears now what is said. */
  get isHeard(): boolean {
    return this.#listening.isHeard || [...this.calls].some(({ reply }) => reply.isOpen)
  }

  /** The program asks the client. False when too much is unanswered. */
  asks(id: string): boolean {
    if (this.#asked.size >= MAX_ASKED) return false
    this.#asked.add(id)
    return true
  }

  /** Whether this is the answer to something that was asked, once. */
  answers(id: string | undefined): boolean {
    return id !== undefined && this.#asked.delete(id)
  }

  end(): void {
    this.isOver = true
    this.#listening.end()
    this.#events.end()
  }
}

/** A client of the same subject is another caller; an anonymous one is known by the id alone. */
export function ownerOfSession(principal: ProgramCaller | undefined): string {
  return principal === undefined ? '' : JSON.stringify([principal.key, principal.clientId])
}
