// One session of a client (MCP 2025-11-25 transports, Session Management): whose it is, its calls, its stream, and what the
// program asked its client. Its id is known to its client sealed; here it only has to be found.
import { randomBytes } from 'node:crypto'
import type { Principal } from '../../core/principal.ts'
import { ok, type Result } from '../../core/refusal.ts'
import type { Reply } from '../reply.ts'
import type { ClientCall } from './client-call.ts'
import { EventStream } from './event-stream.ts'
import type { Program } from './program.ts'
import type { WantedProgram } from './program-table.ts'

const ID_BYTES = 24
/** Messages that wait until the client opens its stream. */
const MAX_KEPT_MESSAGES = 100
const MAX_KEPT_BYTES = 256 * 1024
/** Requests of a program without an answer of the client. */
const MAX_ASKED = 256

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
  #stream: EventStream | undefined
  #kept: Buffer[] = []
  #keptBytes = 0
  readonly #asked = new Set<string>()

  constructor(principal: Principal | undefined, caller: string) {
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
  open(onClosed: () => void): Result<Reply> {
    this.#stream?.end()
    const stream = new EventStream(() => {
      if (this.#stream === stream) this.#stream = undefined
      onClosed()
    })
    this.#stream = stream
    for (const message of this.#kept.splice(0)) stream.push(message)
    this.#keptBytes = 0
    const mediaType = 'text/event-stream'
    return ok({ status: 200, headers: ['content-type', mediaType], mediaType, body: stream, retire() {} })
  }

  /** Says a message that belongs to no call: on the stream, else beside a call, else when the stream is opened. */
  say(message: Buffer): boolean {
    if (this.#stream?.push(message)) return true
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
    return this.#stream !== undefined || [...this.calls].some(({ reply }) => reply.isOpen)
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

  stopListening(): void {
    this.#stream?.abort()
  }

  end(): void {
    this.isOver = true
    this.#stream?.end()
    this.#stream = undefined
  }
}

/** A client of the same subject is another caller; an anonymous one is known by the id alone. */
export function ownerOfSession(principal: Principal | undefined): string {
  return principal === undefined ? '' : JSON.stringify([principal.key, principal.clientId])
}
