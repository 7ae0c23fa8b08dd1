// The answer of an upstream as plain values: headers first, then either the whole body or a stream that waits until
// somebody reads it.
import { type Fields, trimSpace, valuesOf } from '../core/fields.ts'
import type { Refusal } from '../core/refusal.ts'

export interface Reply {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Fields
  /** The media type without parameters, in lower case: `text/event-stream`. Empty where none is named. */
  readonly mediaType: string
  readonly body: Buffer | ReplyStream
  /**
   * Lets the connection carry nothing more, now or when the answer is whole, since the answer may belong to another
   * request (L42).
   */
  readonly retire: () => void
}

/** A response body that nobody has read yet. It is paused until `start`. */
export interface ReplyStream {
  start(sink: ReplySink): void
  pause(): void
  resume(): void
  /** Closes the connection to the upstream. The sink is told nothing more. */
  abort(): void
}

export interface ReplySink {
  /** Gets a view that is valid during the call only. */
  data(chunk: Buffer): void
  end(): void
  /** Called when the rest of the body will not come. */
  fail(why: Refusal): void
}

/** The first value of a header, or the empty string. */
export function headerOf(headers: Fields, name: string): string {
  return valuesOf(headers, name)[0] ?? ''
}

export function mediaTypeOf(headers: Fields): string {
  const value = headerOf(headers, 'content-type')
  const semicolon = value.indexOf(';')
  return trimSpace(semicolon < 0 ? value : value.slice(0, semicolon)).toLowerCase()
}
