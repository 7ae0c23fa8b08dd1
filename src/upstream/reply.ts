// What an upstream answered, as plain values: headers first, then either the whole body or a stream that waits
// until somebody reads it.
import { type Fields, trimSpace, valuesOf } from '../core/fields.ts'
import type { Refusal } from '../core/refusal.ts'

export interface Reply {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Fields
  /** Without parameters, lower case: `text/event-stream`. Empty where none is named. */
  readonly mediaType: string
  readonly body: Buffer | ReplyStream
  /** It may be the answer to another request: nothing more comes on its connection, now or when it is whole (L42). */
  readonly retire: () => void
}

/** A response body that has not been read. It is paused until `start`. */
export interface ReplyStream {
  start(sink: ReplySink): void
  pause(): void
  resume(): void
  /** Closes the connection to the upstream. The sink hears nothing more. */
  abort(): void
}

export interface ReplySink {
  /** A view that is good during the call only. */
  data(chunk: Buffer): void
  end(): void
  /** No more of it comes. */
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
