// Reads one message of an upstream as strictly as one of a client. The filter, the task memory and the audit all use
// it. It knows the envelope only.
import { isId, rawId } from './element.ts'
import { type Counts, hasByteOrderMark, scan } from './scan.ts'
import { oneOrMany, type Shape, type Value } from './shape.ts'
import { type Source, textOf } from './source.ts'

export interface JsonRpcAnswer {
  /** The id as raw JSON text; undefined when it is neither a string nor a number. */
  readonly id: string | undefined
  readonly method: boolean
  readonly result: Value | undefined
  readonly error: Value | undefined
  readonly versioned: boolean
}

/**
 * L04: removes a byte order mark, which is no part of JSON: clients that tolerate it must not see more than the gateway
 * does.
 */
export function withoutMark(bytes: Buffer): Buffer {
  return hasByteOrderMark(bytes) ? bytes.subarray(3) : bytes
}

/** The values and names that an answer may have: those of a list of 10,000 tools. */
const COUNTS: Counts = { maxValues: 400_000, maxNames: 200_000 }
/** How many messages one batch of an upstream may have. */
const MAX_ANSWERS = 1_000

/** The shape of one message, or of a batch of messages, with these members. */
export function answersOf(members: Readonly<Record<string, Shape>>): Shape {
  return oneOrMany(members, MAX_ANSWERS + 1)
}

/** The largest answer that is read whole, unless it is a list; of larger ones only envelopes are read. */
export const MAX_STRICT_BYTES = 65_536

export interface JsonRpcAnswers {
  readonly source: Source
  readonly answers: readonly JsonRpcAnswer[]
}

/** Returns the messages of a document; undefined when it is anything else, too much, or not strictly JSON. */
export function scanMessages(
  bytes: Buffer,
  shape: Shape,
): { readonly source: Source; readonly root: Value; readonly values: readonly Value[] } | undefined {
  const document = scan(bytes, shape, COUNTS)
  if (typeof document === 'string') return undefined
  const { source, root } = document
  const values = root.kind === 'array' ? (root.items ?? []) : [root]
  if (values.length === 0 || values.length > MAX_ANSWERS || values.some((value) => value.kind !== 'object'))
    return undefined
  return { source, root, values }
}

/** Returns one message or a batch; undefined when it is anything else, too much, or not strictly JSON. */
export function readAnswers(bytes: Buffer, shape: Shape): JsonRpcAnswers | undefined {
  const read = scanMessages(bytes, shape)
  return read && { source: read.source, answers: read.values.map((value) => toAnswer(read.source, value)) }
}

function toAnswer(source: Source, value: Value): JsonRpcAnswer {
  const members = value.members
  const id = members?.get('id')
  return {
    id: isId(id) ? rawId(source, id) : undefined,
    method: members?.has('method') ?? false,
    result: members?.get('result'),
    error: members?.get('error'),
    versioned: textOf(source, members?.get('jsonrpc')) === '2.0',
  }
}

/** How the escape of a letter of these words begins: for ASCII, and for the long s. */
const LETTER_ESCAPES: readonly string[] = ['\\u004', '\\u005', '\\u006', '\\u007', '\\u017']

/** Whether a document may contain any of these words, literally or with escapes. */
export function mayContain(bytes: Buffer, words: readonly string[]): boolean {
  return words.some((word) => bytes.includes(word)) || hasLetterEscape(bytes)
}

function hasLetterEscape(bytes: Buffer): boolean {
  return LETTER_ESCAPES.some((start) => bytes.includes(start))
}

/**
 * The members of a response in latin1, in any case and with a long s, since some decoders fold names. Their first
 * letters are left out, which is faster. NUL: the bytes may be UTF-16 (L16).
 */
const RESULT = /e(?:s|\xc5\xbf)ult|\0/i
const ERROR = /rror/i

/** Whether some client may read a result in the document. Without one it is no answer, and so holds no list. */
export function mayHoldResult(bytes: Buffer): boolean {
  return RESULT.test(bytes.toString('latin1')) || hasLetterEscape(bytes)
}

/** Whether some client may read a response in the document: a result or an error. */
export function mayHoldResponse(bytes: Buffer): boolean {
  return mayHoldResult(bytes) || ERROR.test(bytes.toString('latin1'))
}
