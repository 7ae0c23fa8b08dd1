// A complete answer of the gateway's own, as plain values. No status code is chosen here.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Lower-case names. */
export type Headers = Readonly<Record<string, string | readonly string[]>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string | Buffer
}

export function jsonAnswer(status: number, value: unknown, headers: Headers = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/** Sends an answer whole, and never to be taken for another type (H58). `own` goes on every response. */
export function writeAnswer(response: ServerResponse, answer: Answer, own: Headers): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  const headers = { ...own, 'x-content-type-options': 'nosniff', ...answer.headers }
  writeWhole(response, answer.status, headers, body)
}

/** Up to this size head and body go out in one write. */
const ONE_WRITE_BYTES = 65_536

/**
 * Sends head and body. INVARIANT: no header was set on the response before, since merging them costs more than all
 * else here; and a small body goes as latin1 text, byte for byte, since node joins text to the head.
 */
export function writeWhole(response: ServerResponse, status: number, headers: Headers, body: Buffer): void {
  const length = status === 204 ? {} : { 'content-length': body.length }
  response.writeHead(status, { ...headers, ...length } as OutgoingHttpHeaders)
  if (body.length <= ONE_WRITE_BYTES) response.end(body.toString('latin1'), 'latin1')
  else response.end(body)
}
