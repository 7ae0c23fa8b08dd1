// A JSON document as it came, and the text between two places of it. Places are counted in bytes.
import type { Message } from '../core/call.ts'
import { copyOf } from '../lib/copied-text.ts'
import type { Value } from './shape.ts'

export interface Source {
  /** UTF-8. */
  readonly bytes: Buffer
  /** The bytes as text with one character for each byte, so that places mean the same in both. */
  readonly latin1: string
  /** Whether `latin1` is the text itself. */
  readonly ascii: boolean
}

/** Returns the JSON text of a value, as it was sent. */
export function jsonOf(source: Source, { start, end }: Pick<Value, 'start' | 'end'>): string {
  return source.ascii ? source.latin1.slice(start, end) : source.bytes.toString('utf8', start, end)
}

/** Returns the text of a string value; undefined for any other value. */
export function textOf(source: Source, value: Value | undefined): string | undefined {
  return value?.kind === 'string' ? stringAt(source, value.start, value.end) : undefined
}

/** Returns the value of the string token that stands, with its quotes, between two places. */
export function stringAt(source: Source, start: number, end: number): string {
  const inner = jsonOf(source, { start: start + 1, end: end - 1 })
  return inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner
}

/** A message may keep a body of up to this size, since a copy of its names would cost more. */
const KEPT_SOURCE_BYTES = 4_096

/**
 * Returns the message without the body, of so many bytes, that it was read from: a piece of a text keeps the whole text
 * in memory.
 */
export function withoutSource(message: Message, bytes: number): Message {
  if (bytes <= KEPT_SOURCE_BYTES) return message
  const { version, calls } = message
  const copies = calls.map((call) => ({
    ...call,
    id: call.id && copyOf(call.id),
    method: copyOf(call.method),
    targets: call.targets.map(({ kind, name }) => ({ kind, name: copyOf(name) })),
    taskId: call.taskId && copyOf(call.taskId),
    paramsJson: undefined,
    args: noArguments,
  }))
  return { ...message, version: version && copyOf(version), calls: copies }
}

/** The arguments are gone: they were for the decision, which has been made. */
function noArguments(): undefined {}
