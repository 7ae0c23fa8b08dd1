// One message that an upstream sends, read as strictly as a client's: what the filter, the task memory and the
// audit have in common. Knows the envelope only.
import { isId, rawId } from './element.ts'
import { type Counts, hasByteOrderMark, scan } from './scan.ts'
import { oneOrMany, type Shape, type Value } from './shape.ts'
import { type Source, textOf } from './source.ts'

export interface JsonRpcAnswer {
  /** Raw JSON text; undefined when it is neither a string nor a number. */
  readonly id: string | undefined
  readonly method: boolean
  readonly result: Value | undefined
  readonly error: Value | undefined
  readonly versioned: boolean
}

/** L04: a byte order mark is no part of JSON; clients that tolerate it must not see more than we do. */
export function withoutMark(bytes: Buffer): Buffer {
  return hasByteOrderMark(bytes) ? bytes.subarray(3) : bytes
}

/** Members of an answer: a list of 10,000 tools has that many. */
const COUNTS: Counts = { maxValues: 400_000, maxNames: 200_000 }
/** Messages in one batch that an upstream sends. */
const MAX_ANSWERS = 1_000

/** One message, or a batch of them, with these members each. */
export function answersOf(members: Readonly<Record<string, Shape>>): Shape {
  return oneOrMany(members, MAX_ANSWERS + 1)
}

/** Size of an answer that is not a list; above it only envelopes are read. */
export const MAX_STRICT_BYTES = 65_536

export interface JsonRpcAnswers {
  readonly source: Source
  readonly answers: readonly JsonRpcAnswer[]
}

/** The messages of a document; undefined when it is anything else, too much, or not strictly JSON. */
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

/** One message or a batch of them; undefined when it is anything else, too much, or not strictly JSON. */
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

/** How a letter of a word below begins when it is written as an escape: in ASCII, and the long s. */
const LETTER_ESCAPES: readonly string[] = ['\\u004', '\\u005', '\\u006', '\\u007', '\\u017']

/** Whether a document may contain any of these words, as they are or spelled with escapes. */
export function mayContain(bytes: Buffer, words: readonly string[]): boolean {
  return words.some((word) => bytes.includes(word)) || hasLetterEscape(bytes)
}

function hasLetterEscape(bytes: Buffer): boolean {
  return LETTER_ESCAPES.some((start) => bytes.includes(start))
}

/**
 * The members of a response in latin1, in any case and with a long s, since some decoders fold names; without their first
 * letters, which is faster. NUL: the bytes may be UTF-16 (L16).
 */
const RESULT = /e(?:s|\xc5\xbf)ult|\0/i
const ERROR = /rror/i

/** Whether a document may hold a result to some client: without one it is no answer, and so no list. */
export function mayHoldResult(bytes: Buffer): boolean {
  return RESULT.test(bytes.toString('latin1')) || hasLetterEscape(bytes)
}

/** The same of a response. */
export function mayHoldResponse(bytes: Buffer): boolean {
  return mayHoldResult(bytes) || ERROR.test(bytes.toString('latin1'))
}
