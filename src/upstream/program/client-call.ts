// One request of a client at a program: what the program says about it goes back under the client's own id and progress
// token. It is given up when nothing is said for long.
import type { LineMessage } from '../../core/line-message.ts'
import type { Refusal } from '../../core/refusal.ts'
import type { PendingCall } from './pending-calls.ts'

/** How long an answer to a cancelled call may still come (MCP: a server should send none). */
const CANCELLED_MS = 5_000

/** Where it goes what is said about calls; JSON in one line. */
export interface CallReply {
  /** Whether a message that comes beside the answers can be said on it now. */
  readonly isOpen: boolean
  /** The response to one of its requests. */
  respond(response: Buffer): void
  /** A request or notification of the server. */
  aside(message: Buffer): void
  /** A request will not be answered: the refusal says it where nothing was said yet, else the error in its place. */
  fail(why: Refusal, error: Buffer): void
}

export interface ClientCallParts {
  readonly message: LineMessage
  readonly reply: CallReply
  /** Without a message about it; undefined: it may be silent for as long as it likes. */
  readonly timeoutMs: number | undefined
  /** Before an answer goes on. */
  readonly onAnswer: (call: ClientCall, message: LineMessage) => void
  /** Nothing more is expected. */
  readonly onOver: (call: ClientCall, how: CallEnding) => void
}

/** `given_up`: the program does not know that nobody waits for it. */
export type CallEnding = 'answered' | 'failed' | 'cancelled' | 'given_up'

export class ClientCall implements PendingCall {
  /** Set when the program knows it. */
  number = 0
  /** Its id as a value: clients may spell one number in several ways. */
  readonly idValue: unknown
  readonly #parts: ClientCallParts
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  #isCancelled = false

  constructor(parts: ClientCallParts) {
    this.#parts = parts
    this.idValue = JSON.parse(this.id)
    this.#wait(parts.timeoutMs)
  }

  /** JSON text. */
  get id(): string {
    return this.#parts.message.ids.id ?? 'null'
  }

  get reply(): CallReply {
    return this.#parts.reply
  }

  response(message: LineMessage): void {
    if (!this.#end('answered')) return
    this.#parts.onAnswer(this, message)
    this.reply.respond(message.line({ id: this.id, subscriptionId: this.id }))
  }

  /** The gateway answers in the place of the program. `members`: those of a response beside its id. */
  answer(members: string): void {
    if (this.#end('answered')) this.reply.respond(Buffer.from(`{"jsonrpc":"2.0","id":${this.id},${members}}`))
  }

  aside(message: LineMessage): void {
    if (this.#isOver) return
    this.#wait(this.#parts.timeoutMs)
    const { progressToken } = this.#parts.message.ids
    this.reply.aside(message.line({ progressToken, subscriptionId: this.id, requestId: this.id }))
  }

  fail(why: Refusal, words: string): void {
    if (this.#end('failed')) this.reply.fail(why, this.#error(words))
  }

  /** Its client said that it wants no answer. */
  cancelled(): void {
    if (this.#isOver) return
    this.#isCancelled = true
    this.#wait(CANCELLED_MS)
  }

  /** Its client has left. */
  left(): void {
    this.#end(this.#isCancelled ? 'cancelled' : 'given_up')
  }

  #wait(ms: number | undefined): void {
    clearTimeout(this.#timer)
    if (ms !== undefined) this.#timer = setTimeout(() => this.#giveUp(), ms)
  }

  #giveUp(): void {
    if (!this.#end(this.#isCancelled ? 'cancelled' : 'given_up')) return
    const why: Refusal = { reason: 'upstream_timeout', detail: 'the program said nothing about the call' }
    this.reply.fail(why, this.#error('The MCP server did not answer in time'))
  }

  #end(how: CallEnding): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#parts.onOver(this, how)
    return true
  }

  #error(words: string): Buffer {
    return Buffer.from(`{"jsonrpc":"2.0","id":${this.id},"error":{"code":-32603,"message":"${words}"}}`)
  }
}
