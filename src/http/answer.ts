// A complete answer of the gateway's own, as plain values. No status code is chosen here.
import type { ServerResponse } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/**
 * Sends an answer whole, and never to be taken for another type (H58). Headers that were set on the response before
 * (request id, CORS) stay.
 */
export function writeAnswer(response: ServerResponse, answer: Answer): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  response.setHeader('x-content-type-options', 'nosniff')
  for (const [name, value] of Object.entries(answer.headers))
    response.setHeader(name, value as string | string[])
  if (answer.status !== 204) response.setHeader('content-length', body.length)
  response.statusCode = answer.status
  response.end(body)
}
