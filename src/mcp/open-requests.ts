// The requests of a message that wait for their answers, and which response answers which. The place of a response on
// the socket does not prove to whom it belongs: its id must be one that was asked for, and only once (L42). Requests
// and notifications of the server are no responses. It judges no list, and nothing that an answer says.
import type { Message } from '../core/call.ts'
import {
  answersOf,
  MAX_STRICT_BYTES,
  mayHoldResponse,
  mayHoldResult,
  readAnswers,
  withoutMark,
} from './answer.ts'
import { type Envelope, readEnvelopes } from './envelope-reader.ts'
import { SPAN, type Value } from './shape.ts'

/**
 * `unidentified`: an error for a request whose id its server could not read. `other`: there is no response in it.
 * `foreign`: a response to no request of this message, or one of which that is not clear.
 */
export type Belonging = 'other' | 'answer' | 'unidentified' | 'foreign'

/** Python `mcp` 1.30 writes this id instead of null. */
const UNREAD_ID = '"server-error"'

const ENVELOPE = { jsonrpc: SPAN, id: SPAN, method: SPAN, result: SPAN, error: SPAN }
const SHAPE = answersOf(ENVELOPE)

export class OpenRequests {
  /** The ids of waiting requests, as raw JSON text. */
  readonly #waiting: string[]
  readonly #failed: boolean

  /** `failed`: the HTTP status is an error, so an error with any id may be about one of the requests. */
  constructor({ calls }: Pick<Message, 'calls'>, failed = false) {
    this.#failed = failed
    this.#waiting = []
    for (const { kind, id } of calls) if (kind === 'request' && id !== undefined) this.#waiting.push(id)
  }

  get waiting(): readonly string[] {
    return this.#waiting
  }

  /** Whether a message with this id, and a result or an error, can answer one of the requests. */
  awaits(id: string | undefined): boolean {
    return id !== undefined && this.#waiting.some((asked) => isSameId(asked, id))
  }

  /** Takes a response. The request that it answers no longer waits. */
  take({ id, method, result, error }: Envelope): Belonging {
    if (!result && !error) return 'other'
    if (method) return 'foreign' // some clients read a request, others an answer
    if (!result && (this.#failed || isUnread(id))) return 'unidentified'
    const at = id === undefined ? -1 : this.#waiting.findIndex((asked) => isSameId(asked, id))
    if (at < 0) return 'foreign'
    this.#waiting.splice(at, 1)
    return 'answer'
  }

  /** Takes one message, or a batch as a whole. `text` holds the same bytes as latin1. */
  takeAll(bytes: Buffer, text: string): Belonging {
    const [first] = this.#waiting
    if (first !== undefined && isPlainAnswer(text, first)) {
      this.#waiting.shift()
      return 'answer'
    }
    const each = bytes.length > MAX_STRICT_BYTES ? this.#takeLarge(bytes) : this.#takeRead(bytes)
    if (each !== undefined) return each.reduce((worst, next) => (RANK[next] > RANK[worst] ? next : worst))
    return (this.#failed ? mayHoldResult(bytes) : mayHoldResponse(bytes)) ? 'foreign' : 'other'
  }

  #takeLarge(bytes: Buffer): readonly Belonging[] | undefined {
    return readEnvelopes(bytes)?.map((envelope) => this.take(envelope))
  }

  #takeRead(bytes: Buffer): readonly Belonging[] | undefined {
    const read = readAnswers(withoutMark(bytes), SHAPE)
    return read?.answers.map(({ id, method, result, error }) =>
      isProper(result)
        ? this.take({ id, method, result: result !== undefined, error: error !== undefined })
        : 'foreign',
    )
  }
}

/**
 * Whether a result is proper: every result of MCP is an object, and some servers write null for an empty one. Anything
 * else could be a list to some client.
 */
function isProper(result: Value | undefined): boolean {
  return result === undefined || result.kind === 'object' || result.kind === 'null'
}

const RANK: Readonly<Record<Belonging, number>> = { other: 0, answer: 1, unidentified: 2, foreign: 3 }

function isUnread(id: string | undefined): boolean {
  return id === undefined || id === UNREAD_ID
}

/** Whether two ids have the same value, however they are written: a server may print a number in its own way. */
export function isSameId(asked: string, answered: string): boolean {
  if (asked === answered) return true
  if (asked.startsWith('"') && !asked.includes('\\') && !answered.includes('\\')) return false
  const value: unknown = JSON.parse(asked)
  return value === JSON.parse(answered)
}

/** An escape of `i` or `d` could spell another member `id`. */
const ESCAPED_ID = '\\u006'

/**
 * Recognises the three forms in which the official SDKs write a result, without reading all of it: the id stands beside
 * the result, and no other member of that name is anywhere in the text. False means unknown.
 */
function isPlainAnswer(text: string, id: string): boolean {
  const first = `{"jsonrpc":"2.0","id":${id},"result":{`
  if (text.startsWith(first)) return !hasId(text, first.length)
  if (!text.startsWith('{"result":{')) return false
  for (const last of [`,"jsonrpc":"2.0","id":${id}}`, `,"id":${id},"jsonrpc":"2.0"}`]) {
    if (text.endsWith(last))
      return text.indexOf('"id"') >= text.length - last.length && !text.includes(ESCAPED_ID)
  }
  return false
}

function hasId(text: string, from: number): boolean {
  return text.includes('"id"', from) || text.includes(ESCAPED_ID, from)
}
