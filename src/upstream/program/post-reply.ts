// The answer to one POST while it comes: JSON when nothing is said but the answers, else, and when they are long in coming,
// an event stream with all of it. Requests of a batch are answered together (MCP 2025-03-26 transports).
import type { Fields } from '../../core/fields.ts'
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import type { Reply } from '../reply.ts'
import type { CallReply } from './client-call.ts'
import type { ResumableStream } from './resumable-stream.ts'
import { serverEvent } from './server-event.ts'
import type { UnreadRoom } from './unread-room.ts'
import { UnreadStream } from './unread-stream.ts'

/** Until the head of an event stream is sent, so that nobody on the way takes a slow call for a dead one (T26-23). */
const SILENT_MS = 5_000
/** A longer answer is given to its client as fast as it reads. */
const MAX_AT_ONCE_BYTES = 64 * 1024

/** A stream to which its client may come back. */
export interface AnswerStream {
  readonly stream: ResumableStream
  /** Whether the client is given an id before anything is said. */
  readonly isPrimed: boolean
}

export interface PostReplyParts {
  /** Requests in the message. */
  readonly requests: number
  readonly isBatch: boolean
  /** Whether it only listens: then the stream begins at once. */
  readonly listens: boolean
  /** A JSON answer of up to this many bytes has to be whole. */
  readonly wholeUpTo: number
  /** For what its client has not read. */
  readonly room: UnreadRoom
  /** A stream for the answers to which the client may come back; undefined where it cannot. Asked for once. */
  readonly resumable: () => AnswerStream | undefined
  /** Of the answer, beside its type; asked for when it begins. */
  readonly headers: () => Fields
  /** The first counts. */
  readonly answer: (result: Result<Reply>) => void
  /** The client has left, or reads too slowly. */
  readonly onLeft: () => void
}

export class PostReply implements CallReply {
  readonly #parts: PostReplyParts
  readonly #stream: UnreadStream
  readonly #answers: Buffer[] = []
  #unanswered: number
  #isStreamed = false
  #isOver = false
  readonly #patience: NodeJS.Timeout
  #resumable: ResumableStream | undefined

  constructor(parts: PostReplyParts) {
    this.#parts = parts
    this.#unanswered = parts.requests
    this.#stream = new UnreadStream(parts.room, (left) => left && this.#leave())
    this.#patience = setTimeout(() => this.#beginStream(), SILENT_MS)
    if (parts.listens) this.#beginStream()
  }

  get isOpen(): boolean {
    return !this.#isOver && (this.#resumable === undefined || this.#resumable.isHeard)
  }

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

  aside(message: Buffer): void {
    if (this.#isOver) return
    this.#beginStream()
    this.#say(message)
  }

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
    this.#stream.abort()
    this.#parts.answer(refuse({ reason: 'upstream_unreachable', detail: 'client gone' }))
  }

  #say(message: Buffer): void {
    if (this.#resumable !== undefined) this.#resumable.say(message)
    else if (!this.#stream.push(serverEvent(message)) && !this.#isOver) {
      this.#stream.fail(UNREAD_ANSWERS)
      this.#leave()
    }
  }

  #beginStream(): void {
    if (this.#isStreamed || this.#isOver) return
    this.#isStreamed = true
    clearTimeout(this.#patience)
    this.#answer('text/event-stream', this.#stream)
    const resumable = this.#parts.resumable()
    this.#resumable = resumable?.stream
    resumable?.stream.attach(this.#stream)
    if (resumable?.isPrimed) resumable.stream.prime()
    for (const answer of this.#answers.splice(0)) this.#say(answer)
  }

  #answerWhole(): void {
    this.#isOver = true
    clearTimeout(this.#patience)
    const [first] = this.#answers
    const body = this.#parts.isBatch ? batchOf(this.#answers) : (first as Buffer)
    const isSmall = body.length <= Math.max(MAX_AT_ONCE_BYTES, this.#parts.wholeUpTo)
    if (isSmall) this.#answer('application/json', body)
    else if (this.#stream.push(body)) {
      this.#answer('application/json', this.#stream)
      this.#stream.end()
    } else this.#parts.answer(refuse(UNREAD_ANSWERS))
  }

  #answer(mediaType: string, body: Buffer | UnreadStream): void {
    const headers = [...this.#parts.headers(), 'content-type', mediaType]
    this.#parts.answer(ok({ status: 200, headers, mediaType, body, retire() {} }))
  }

  #end(): void {
    this.#isOver = true
    if (this.#resumable === undefined) this.#stream.end()
    else this.#resumable.end()
  }

  /** Whoever may come back has not left. */
  #leave(): void {
    if (this.#isOver) return
    if (this.#resumable !== undefined) this.#resumable.detach(this.#stream)
    else {
      this.#isOver = true
      clearTimeout(this.#patience)
      this.#parts.onLeft()
    }
  }
}

const UNREAD_ANSWERS: Refusal = { reason: 'overloaded', detail: 'the client does not read its answers' }
const COMMA = Buffer.from(',')

function batchOf(answers: readonly Buffer[]): Buffer {
  const pieces = answers.flatMap((answer, index) => (index === 0 ? [answer] : [COMMA, answer]))
  return Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')])
}
