// The answer to one POST while it comes: JSON when nothing is said but the answers, else, and when they are long in coming,
// an event stream with all of it. Requests of a batch are answered together (MCP 2025-03-26 transports).
import type { Fields } from '../../core/fields.ts'
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import type { Reply } from '../reply.ts'
import { EventStream } from './event-stream.ts'

/** Until the head of an event stream is sent, so that nobody on the way takes a slow call for a dead one (T26-23). */
const SILENT_MS = 5_000

export interface PostReplyParts {
  /** Requests in the message. */
  readonly requests: number
  readonly isBatch: boolean
  /** Whether it only listens: then the stream begins at once. */
  readonly listens: boolean
  /** Of the answer, beside its type; asked for when it begins. */
  readonly headers: () => Fields
  readonly answer: (result: Result<Reply>) => void
  /** The client has left, or reads too slowly. */
  readonly onLeft: () => void
}

export class PostReply {
  readonly #parts: PostReplyParts
  readonly #stream: EventStream
  readonly #answers: Buffer[] = []
  #unanswered: number
  #isStreamed = false
  #isOver = false
  readonly #patience: NodeJS.Timeout

  constructor(parts: PostReplyParts) {
    this.#parts = parts
    this.#unanswered = parts.requests
    this.#stream = new EventStream((left) => left && this.#leave())
    this.#patience = setTimeout(() => this.#beginStream(), SILENT_MS)
    if (parts.listens) this.#beginStream()
  }

  /** Whether a message that comes beside the answers can still be said on it. */
  get isOpen(): boolean {
    return !this.#isOver
  }

  /** The response to one of the requests; JSON in one line, like all that follows. */
  respond(response: Buffer): void {
    if (this.#isOver) return
    this.#unanswered -= 1
    if (this.#isStreamed) {
      this.#say(response)
      if (this.#unanswered === 0) this.#end()
      return
    }
    this.#answers.push(response)
    if (this.#unanswered === 0) this.#answerWhole()
  }

  /** A request or notification of the server. */
  aside(message: Buffer): void {
    if (this.#isOver) return
    this.#beginStream()
    this.#say(message)
  }

  /** A request will not be answered: the refusal says it where nothing was said yet, else the error in its place. */
  fail(why: Refusal, error: Buffer): void {
    if (this.#isOver) return
    if (this.#isStreamed || this.#parts.requests > 1) this.respond(error)
    else {
      this.#isOver = true
      clearTimeout(this.#patience)
      this.#parts.answer(refuse(why))
    }
  }

  /** The client wants nothing more. */
  abort(): void {
    if (this.#isStreamed) this.#stream.abort()
    else {
      this.#leave()
      this.#parts.answer(refuse({ reason: 'upstream_unreachable', detail: 'client gone' }))
    }
  }

  #say(message: Buffer): void {
    if (this.#stream.push(message) || this.#isOver) return
    this.#stream.fail({ reason: 'upstream_unreachable', detail: 'the client does not read' })
    this.#leave()
  }

  #beginStream(): void {
    if (this.#isStreamed || this.#isOver) return
    this.#isStreamed = true
    clearTimeout(this.#patience)
    this.#answer('text/event-stream', this.#stream)
    for (const answer of this.#answers.splice(0)) this.#say(answer)
  }

  #answerWhole(): void {
    this.#isOver = true
    clearTimeout(this.#patience)
    const [first] = this.#answers
    const body = this.#parts.isBatch ? batchOf(this.#answers) : (first as Buffer)
    this.#answer('application/json', body)
  }

  #answer(mediaType: string, body: Buffer | EventStream): void {
    const headers = [...this.#parts.headers(), 'content-type', mediaType]
    this.#parts.answer(ok({ status: 200, headers, mediaType, body, retire() {} }))
  }

  #end(): void {
    this.#isOver = true
    this.#stream.end()
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#patience)
    this.#parts.onLeft()
  }
}

const COMMA = Buffer.from(',')

function batchOf(answers: readonly Buffer[]): Buffer {
  const pieces = answers.flatMap((answer, index) => (index === 0 ? [answer] : [COMMA, answer]))
  return Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')])
}
