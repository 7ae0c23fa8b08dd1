// One call of this worker at a program of the primary: its answer as it comes, whole or as a stream that waits until somebody
// reads it. Says what was taken, so that the primary sends no more than a little ahead.
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { Reply, ReplySink, ReplyStream } from '../upstream/reply.ts'
import type { ForwardedReply } from './program-messages.ts'

/** The client has left before there was an answer. */
const LEFT: Refusal = { reason: 'upstream_unreachable', detail: 'client gone' }

export interface RemoteCallParts {
  /** What the primary said before was taken. */
  readonly took: (bytes: number) => void
  /** Nothing more is expected of the primary. `left`: it has to be told so. */
  readonly onOver: (left: boolean) => void
  /** The program has the request, or never will. Called once. */
  readonly onWritten: (() => void) | undefined
}

export class RemoteCall implements ReplyStream {
  readonly #parts: RemoteCallParts
  readonly #reply = Promise.withResolvers<Result<Reply>>()
  #head: ForwardedReply | undefined
  /** Came, and was not taken. */
  #waiting: Buffer[] = []
  #sink: ReplySink | undefined
  #isPaused = true
  #isWritten = false
  #end: 'whole' | Refusal | undefined
  #isOver = false

  constructor(parts: RemoteCallParts) {
    this.#parts = parts
  }

  get reply(): Promise<Result<Reply>> {
    return this.#reply.promise
  }

  written(): void {
    if (this.#isWritten) return
    this.#isWritten = true
    this.#parts.onWritten?.()
  }

  begins(head: ForwardedReply, bytes: Buffer): void {
    const { status, headers, mediaType, size } = head
    this.#head = head
    if (bytes.length > 0) this.data(bytes)
    if (size === undefined) this.#reply.resolve(ok({ status, headers, mediaType, body: this, retire() {} }))
  }

  data(bytes: Buffer): void {
    this.#waiting.push(bytes)
    if (this.#head?.size !== undefined)
      this.#parts.took(bytes.length) // it is wanted whole
    else this.#flow()
  }

  /** The primary says no more of it. */
  finish(end: 'whole' | Refusal): void {
    this.#finish(end, false)
  }

  /** The gateway wants nothing more; whoever reads it is told why. */
  breakOff(why: Refusal): void {
    this.#finish(why, true)
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
    if (this.#isOver) return
    this.#isOver = true
    this.#waiting = []
    this.written()
    if (this.#end === undefined) this.#parts.onOver(true)
    this.#reply.resolve(refuse(LEFT))
  }

  #finish(end: 'whole' | Refusal, left: boolean): void {
    if (this.#isOver || this.#end !== undefined) return
    this.written()
    this.#end = end
    this.#parts.onOver(left)
    if (this.#head === undefined || this.#head.size !== undefined) this.#finishWhole(end)
    else this.#flow()
  }

  #finishWhole(end: 'whole' | Refusal): void {
    const head = this.#head
    this.#isOver = true
    if (end !== 'whole') this.#reply.resolve(refuse(end))
    else if (head !== undefined) {
      const { status, headers, mediaType } = head
      const body = Buffer.concat(this.#waiting)
      this.#waiting = []
      this.#reply.resolve(ok({ status, headers, mediaType, body, retire() {} }))
    }
  }

  /** The sink may pause, or abort, during each call. */
  #flow(): void {
    while (!this.#isPaused && !this.#isOver) {
      const bytes = this.#waiting.shift()
      if (bytes === undefined) break
      this.#parts.took(bytes.length)
      this.#sink?.data(bytes)
    }
    if (this.#isPaused || this.#isOver || this.#end === undefined) return
    this.#isOver = true
    if (this.#end === 'whole') this.#sink?.end()
    else this.#sink?.fail(this.#end)
  }
}
