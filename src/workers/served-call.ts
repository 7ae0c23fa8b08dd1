// One call of a worker at a program, in the primary: its answer goes to the worker as fast as the client behind it reads, and
// what the worker has not taken waits here, so that no other call waits behind it.
import type { Refusal, Result } from '../core/refusal.ts'
import type { ProgramUpstream } from '../upstream/program/program-upstream.ts'
import type { Reply, ReplySink, ReplyStream } from '../upstream/reply.ts'
import type { Sent } from '../upstream/upstream.ts'
import type { ForwardedRequest, ProgramAnswer } from './program-messages.ts'

/** What a worker may be sent of one answer before it has taken it. */
const WINDOW_BYTES = 256 * 1024
/** Of one frame, so that calls share the channel. */
const MAX_PIECE_BYTES = 64 * 1024

export interface ServedCallParts {
  readonly number: number
  readonly upstream: ProgramUpstream
  readonly request: ForwardedRequest
  readonly body: Buffer
  readonly send: (answer: ProgramAnswer, bytes?: Buffer) => void
  /** Nothing more is said of it. */
  readonly onOver: () => void
}

const NOTHING = Buffer.alloc(0)

export class ServedCall implements ReplySink {
  readonly #parts: ServedCallParts
  #sent: Sent | undefined
  #stream: ReplyStream | undefined
  /** What was not sent yet. */
  #waiting: Buffer[] = []
  #untaken = 0
  #isPaused = false
  /** Said when all before it was sent. */
  #last: ProgramAnswer | undefined
  #isOver = false

  constructor(parts: ServedCallParts) {
    this.#parts = parts
  }

  begin(): void {
    const { number, upstream, request, body, send } = this.#parts
    const { hasBody, tellsWritten, ...asked } = request
    this.#sent = upstream.send({
      ...asked,
      body: hasBody ? body : undefined,
      onWritten: tellsWritten ? () => send(['written', number]) : undefined,
    })
    void this.#sent.reply.then((result) => this.#onReply(result))
  }

  /** The worker wants nothing more, or is gone. */
  abort(): void {
    if (this.#isOver) return
    this.#over()
    this.#sent?.abort()
  }

  took(bytes: number): void {
    this.#untaken -= bytes
    this.#flow()
  }

  data(chunk: Buffer): void {
    if (this.#isOver) return
    this.#waiting.push(Buffer.from(chunk))
    this.#flow()
  }

  end(): void {
    this.#finish(['end', this.#parts.number])
  }

  fail(why: Refusal): void {
    this.#finish(['failed', this.#parts.number, why])
  }

  #onReply(result: Result<Reply>): void {
    const { number, upstream, send } = this.#parts
    if (this.#isOver) return
    if (!result.ok) {
      send(['refused', number, result.refusal, upstream.isReady()])
      this.#over()
      return
    }
    const { status, headers, mediaType, body } = result.value
    const head = { status, headers, mediaType }
    if (Buffer.isBuffer(body)) {
      const first = body.subarray(0, MAX_PIECE_BYTES)
      this.#untaken = first.length
      send(['reply', number, { ...head, size: body.length }], first)
      this.#last = ['end', number]
      this.#waiting = first.length < body.length ? [body.subarray(first.length)] : []
      this.#flow()
    } else {
      send(['reply', number, head], NOTHING)
      this.#stream = body
      body.start(this)
    }
  }

  #finish(last: ProgramAnswer): void {
    this.#last = last
    this.#flow()
  }

  #flow(): void {
    const { number, send } = this.#parts
    while (!this.#isOver && this.#untaken < WINDOW_BYTES) {
      const next = this.#waiting[0]
      if (next === undefined) break
      const piece = next.subarray(0, MAX_PIECE_BYTES)
      if (piece.length < next.length) this.#waiting[0] = next.subarray(piece.length)
      else this.#waiting.shift()
      this.#untaken += piece.length
      send(['data', number], piece)
    }
    if (this.#isOver) return
    if (this.#waiting.length > 0) this.#pause()
    else if (this.#last === undefined) this.#resume()
    else {
      send(this.#last)
      this.#over()
    }
  }

  #pause(): void {
    this.#isPaused = true
    this.#stream?.pause()
  }

  /** Not while it gives what it has: it would begin anew within. */
  #resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#stream?.resume()
  }

  #over(): void {
    this.#isOver = true
    this.#waiting = []
    this.#parts.onOver()
  }
}
