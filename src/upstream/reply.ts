// What an upstream answered, as plain values: headers first, then either the whole body or a stream that waits
// until somebody reads it.

export type ReplyHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface Reply {
  readonly status: number
  /** Lower-case names. */
  readonly headers: ReplyHeaders
  readonly body: Buffer | ReplyStream
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
  data(chunk: Buffer): void
  end(): void
  /** The upstream broke off; `detail` is for the operator. */
  fail(detail: string): void
}

/** The first value of a header, or the empty string. */
export function headerOf(headers: ReplyHeaders, name: string): string {
  const value = headers[name]
  if (value === undefined) return ''
  return typeof value === 'string' ? value : (value[0] ?? '')
}

/** The media type without parameters, lower case: `text/event-stream`. */
export function mediaTypeOf(headers: ReplyHeaders): string {
  const value = headerOf(headers, 'content-type')
  const semicolon = value.indexOf(';')
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase()
}
