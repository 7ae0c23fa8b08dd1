// One message that an upstream sends, read as strictly as a client's: what the filter, the task memory and the
// audit have in common. Knows the envelope only.
import { isId, rawId } from './element.ts'
import {
  type Document,
  hasByteOrderMark,
  type Problem,
  type Shape,
  scan,
  textOf,
  type Value,
} from './scan.ts'

export interface Answer {
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

/** Reads with the same shape whether it is one message or a batch. */
export function scanAnswers(bytes: Buffer, shape: Shape): Document | Problem {
  return scan(withoutMark(bytes), shape)
}

/** The messages of a document; undefined when there is anything else in it. */
export function answersOf({ text, root }: Document): readonly Answer[] | undefined {
  const values = root.kind === 'array' ? (root.items ?? []) : [root]
  if (values.length === 0 || values.some((value) => value.kind !== 'object')) return undefined
  return values.map((value) => toAnswer(text, value))
}

function toAnswer(text: string, value: Value): Answer {
  const members = value.members
  const id = members?.get('id')
  return {
    id: isId(id) ? rawId(text, id) : undefined,
    method: members?.has('method') ?? false,
    result: members?.get('result'),
    error: members?.get('error'),
    versioned: textOf(text, members?.get('jsonrpc')) === '2.0',
  }
}

/** Whether a document may contain any of these names: the words themselves, or escapes that could spell them. */
export function mayContain(bytes: Buffer, words: readonly string[]): boolean {
  return words.some((word) => bytes.includes(word)) || bytes.includes('\\u')
}
