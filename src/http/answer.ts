// A complete answer of the gateway's own, as plain values. No status code is chosen here.
import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

/** Lower-case names. */
export type Headers = Readonly<Record<string, string | readonly string[]>>

/** Header fields in the form that node writes fastest: name, value, name, value. */
export type HeaderList = readonly string[]

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string | Buffer
}

export function jsonAnswer(status: number, value: unknown, headers: Headers = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/** Sends an answer whole, and never to be taken for another type (H58). `own` goes on every response. */
export function writeAnswer(response: ServerResponse, answer: Answer, own: HeaderList): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  const headers = [...own, 'x-content-type-options', 'nosniff', ...listOf(answer.headers)]
  writeWhole(response, answer.status, headers, body)
}

function listOf(headers: Headers): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [name, value] : value.flatMap((each) => [name, each]),
  )
}

/** Up to this size head and body go out in one write. */
const ONE_WRITE_BYTES = 65_536

/**
 * Sends head and body, and keeps the list. `text` is the body as latin1, where it exists already. INVARIANT: no header
 * was set on the response before, since merging them costs more than all else here; and a small body goes as latin1
 * text, byte for byte, since node joins text to the head.
 */
export function writeWhole(
  response: ServerResponse,
  status: number,
  headers: string[],
  body: Buffer,
  text?: string,
): void {
  if (status !== 204) headers.push('content-length', `${body.length}`)
  writeHead(response, status, headers)
  if (body.length <= ONE_WRITE_BYTES) response.end(text ?? body.toString('latin1'), 'latin1')
  else response.end(body)
}

export function writeHead(response: ServerResponse, status: number, headers: HeaderList): void {
  response.writeHead(status, headers as OutgoingHttpHeader[])
}
