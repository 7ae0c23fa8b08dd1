// The answer to one request while it comes. It is collected where it is small or has to be read whole; otherwise it is
// handed on as a stream as soon as its head is there.
import { withRoom } from '../core/bytes.ts'
import type { Fields } from '../core/fields.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { UpstreamExchange } from './connection.ts'
import type { ExchangeControl } from './connections.ts'
import { mediaTypeOf, type Reply, type ReplySink, type ReplyStream } from './reply.ts'

/** An answer whose length is at most this is passed on whole, and so is an error of at most this size. */
const SMALL_BODY_BYTES = 65_536

const NOTHING = Buffer.alloc(0)

export class IncomingReply implements UpstreamExchange, ReplyStream {
  /** The exchange of the request; set once the request was handed over. */
  carried: ExchangeControl | undefined
  readonly #bufferJsonUpTo: number
  readonly #answer: (result: Result<Reply>) => void
  #answered = false
  #aborted = false
  #status = 0
  #headers: Fields = []
  #mediaType = ''
  /** The buffer while the body is collected, with room for more than has come; undefined while it is streamed. */
  #room: Buffer | undefined
  #collected = 0
  #sink: ReplySink | undefined
  /** Pieces that came before anybody read. */
  #early: Buffer[] = []
  #end: 'whole' | Refusal | undefined

  /** `answer` is called once, with the head or with why there is none. */
  constructor(bufferJsonUpTo: number, answer: (result: Result<Reply>) => void) {
    this.#bufferJsonUpTo = bufferJsonUpTo
    this.#answer = answer
  }

  get aborted(): boolean {
    return this.#aborted
  }

  head(status: number, headers: Fields, length: number | undefined): void {
    this.#status = status
    this.#headers = headers
    this.#mediaType = mediaTypeOf(headers)
    if (this.#collects(length)) this.#room = NOTHING
    else {
      this.carried?.pause()
      this.#reply(this)
    }
  }

  data(piece: Buffer): void {
    if (this.#room === undefined) {
      if (this.#sink === undefined) this.#early.push(Buffer.from(piece))
      else this.#sink.data(piece)
      return
    }
    if (this.#collected + piece.length > Math.max(this.#bufferJsonUpTo, SMALL_BODY_BYTES)) {
      this.#outgrow()
      return
    }
    this.#room = withRoom(this.#room, this.#collected, piece.length)
    this.#collected += piece.copy(this.#room, this.#collected)
  }

  end(): void {
    this.#end = 'whole'
    const room = this.#room
    if (room === undefined) this.#sink?.end()
    else this.#reply(room.length === this.#collected ? room : room.subarray(0, this.#collected))
  }

  fail(refusal: Refusal): void {
    this.#end = refusal
    this.#settle(refuse(refusal))
    this.#sink?.fail(refusal)
  }

  start(sink: ReplySink): void {
    this.#sink = sink
    const early = this.#early
    this.#early = []
    for (const piece of early) if (!this.#aborted) sink.data(piece)
    if (this.#aborted) return
    if (this.#end === 'whole') sink.end()
    else if (this.#end !== undefined) sink.fail(this.#end)
    else this.carried?.resume()
  }

  pause(): void {
    this.carried?.pause()
  }

  resume(): void {
    this.carried?.resume()
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.carried?.abort()
    this.#settle(refuse({ reason: 'upstream_unreachable', detail: 'client gone' }))
  }

  /**
   * Handles a body that outgrew its bound. A list that is too large cannot be filtered. The body of a large error is
   * dropped, since its status says enough.
   */
  #outgrow(): void {
    if (this.#failed) this.#reply(NOTHING)
    else
      this.#settle(refuse({ reason: 'upstream_invalid', detail: 'answer larger than the limit for a list' }))
    this.abort()
  }

  #reply(body: Buffer | ReplyStream): void {
    const { carried } = this
    const retire = () => carried?.retire()
    this.#settle(
      ok({ status: this.#status, headers: this.#headers, mediaType: this.#mediaType, body, retire }),
    )
  }

  /** Settles the request once. What breaks afterwards is reported to the sink. */
  #settle(result: Result<Reply>): void {
    if (this.#answered) return
    this.#answered = true
    this.#answer(result)
  }

  get #failed(): boolean {
    return this.#status >= 400
  }

  #collects(length: number | undefined): boolean {
    if (this.#mediaType === 'text/event-stream') return false
    return this.#failed || this.#bufferJsonUpTo > 0 || (length !== undefined && length <= SMALL_BODY_BYTES)
  }
}
