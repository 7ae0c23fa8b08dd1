// Reads the answer on a connection to an upstream strictly (RFC 9112): bytes → head, pieces of the body, end. Bytes
// that two readers could understand differently are a fault, since the next answer on the connection is somebody
// else's. It knows no socket and no time, and does not judge what an answer says.
import type { Fields } from '../core/fields.ts'
import { createChunkedBody } from './chunked-body.ts'
import { type Framing, framingOf } from './framing.ts'
import { type KnownNames, type ResponseHead, readHead } from './response-head.ts'

/** The size of status line and header fields of one answer. */
const MAX_HEAD_BYTES = 16_384
/** L29: how many 1xx answers may come before an answer. */
const MAX_INTERIM_RESPONSES = 10

export interface ResponseParts {
  /**
   * Gets names in lower case, and the length of the body in bytes when it is known. Not called for interim (1xx)
   * answers.
   */
  head(status: number, headers: Fields, length: number | undefined): void
  /** Gets a view that is valid during the call only. */
  data(piece: Buffer): void
}

export interface ResponseReader {
  /** Takes bytes that came. Returns what is wrong with them, in our own words. */
  push(bytes: Buffer): string | undefined
  /** Called when nothing more will come. Returns what is missing. */
  finish(): string | undefined
  /** Whether the answer is whole. */
  readonly done: boolean
  /** Whether the connection may be used for another answer: this one is whole, and no byte came after it. */
  readonly reusable: boolean
  /** For how many seconds the upstream means to keep the connection; undefined when it did not say. */
  readonly keepAliveSeconds: number | undefined
}

/** Reads the answer to one request. `known` is kept between the answers of one upstream. */
export function createResponseReader(parts: ResponseParts, known: KnownNames): ResponseReader {
  return new Reader(parts, known)
}

const CHUNKED = 'chunked'
const UNTIL_CLOSE = 'until_close'

class Reader implements ResponseReader {
  readonly #parts: ResponseParts
  readonly #known: KnownNames
  /** The part of a head that has come so far. */
  #begun: Buffer | undefined
  #interim = 0
  #framing: Framing | undefined
  /** How many bytes of a body with a length have not come yet. */
  #left = 0
  #chunks: ReturnType<typeof createChunkedBody> | undefined
  done = false
  reusable = false
  keepAliveSeconds: number | undefined

  constructor(parts: ResponseParts, known: KnownNames) {
    this.#parts = parts
    this.#known = known
  }

  push(bytes: Buffer): string | undefined {
    let rest = bytes
    while (this.#framing === undefined) {
      const read = this.#readHead(rest)
      if (typeof read === 'string') return read
      if (read === undefined) return undefined
      rest = read
    }
    if (this.done) return this.#surplus(rest)
    return this.#readBody(rest)
  }

  finish(): string | undefined {
    if (this.done) return undefined
    if (this.#framing?.body !== UNTIL_CLOSE) return 'closed before the answer was whole'
    this.done = true
    return undefined
  }

  /** Returns the bytes after the head; undefined when the head is not whole yet. */
  #readHead(bytes: Buffer): Buffer | string | undefined {
    const all = this.#begun === undefined ? bytes : Buffer.concat([this.#begun, bytes])
    const end = all.indexOf('\r\n\r\n', 0, 'latin1')
    if (end > MAX_HEAD_BYTES || (end < 0 && all.length > MAX_HEAD_BYTES)) return 'header fields are too large'
    if (end < 0) {
      this.#begun = Buffer.from(all) // a copy, since the view is valid for this call only
      return undefined
    }
    this.#begun = undefined
    const head = readHead(all, end, this.#known)
    if (typeof head === 'string') return head
    const fault = head.status < 200 ? this.#passOver(head) : this.#begin(head)
    return fault ?? all.subarray(end + 4)
  }

  /** RFC 9110 §15.2: HTTP/1.0 has no interim answers, and some readers take such a connection to end after one. */
  #passOver({ minor, status }: ResponseHead): string | undefined {
    this.#interim += 1
    const isFault = minor === 0 || status === 101 || this.#interim > MAX_INTERIM_RESPONSES
    return isFault ? 'interim responses' : undefined
  }

  #begin(head: ResponseHead): string | undefined {
    const framing = framingOf(head)
    if (typeof framing === 'string') return framing
    this.#framing = framing
    this.keepAliveSeconds = framing.keepAliveSeconds
    this.#parts.head(head.status, head.headers, typeof framing.body === 'number' ? framing.body : undefined)
    if (framing.body === CHUNKED) this.#chunks = createChunkedBody((piece) => this.#parts.data(piece))
    else if (framing.body === 0) this.#end()
    else if (framing.body !== UNTIL_CLOSE) this.#left = framing.body
    return undefined
  }

  #readBody(bytes: Buffer): string | undefined {
    if (bytes.length === 0) return undefined
    if (this.#chunks !== undefined) {
      const rest = this.#chunks.push(bytes)
      if (typeof rest === 'string') return rest
      if (rest === undefined) return undefined
      this.#end()
      return this.#surplus(rest)
    }
    if (this.#framing?.body === UNTIL_CLOSE) {
      this.#parts.data(bytes)
      return undefined
    }
    const taken = Math.min(this.#left, bytes.length)
    this.#left -= taken
    this.#parts.data(taken === bytes.length ? bytes : bytes.subarray(0, taken))
    if (this.#left > 0) return undefined
    this.#end()
    return this.#surplus(bytes.subarray(taken))
  }

  #end(): void {
    this.done = true
    this.reusable = this.#framing?.persistent === true
  }

  /** L32: bytes that nobody asked for would be taken for the next answer. */
  #surplus(bytes: Buffer): undefined {
    if (bytes.length > 0) this.reusable = false
  }
}
