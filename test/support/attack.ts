// Raw requests against a whole gateway: what is written byte by byte, and the check that nothing of it went on.
import { expect } from 'vitest'
import { type TestGateway, toolCall } from './gateway.ts'
import { overWire, type WireAnswer } from './wire.ts'

export interface Aim {
  /** `Host: …` and a good `Authorization: …`, each with its line end. */
  readonly head: string
  readonly host: string
  readonly token: string
}

/** A call that would be allowed, were it not for how it is framed. */
export const ALLOWED = JSON.stringify(toolCall('safe'))
export const DANGER = JSON.stringify(toolCall('danger'))

export const JSON_TYPE = 'Content-Type: application/json\r\n'

export function aimAt(gateway: TestGateway): Aim {
  const { host } = new URL(gateway.origin)
  const token = gateway.token()
  return { host, token, head: `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n` }
}

/** A complete POST. `more` are header lines, each with its line end. */
export function post(aim: Aim, more = '', body = ALLOWED, path = '/mcp/a'): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `POST ${path} HTTP/1.1\r\n${aim.head}${JSON_TYPE}${length}${more}\r\n${body}`
}

/** The same with `Transfer-Encoding: chunked` and the chunks as they are given. */
export function chunked(aim: Aim, chunks: string, more = ''): string {
  return `POST /mcp/a HTTP/1.1\r\n${aim.head}${JSON_TYPE}Transfer-Encoding: chunked\r\n${more}\r\n${chunks}`
}

/** One chunk with all of a text, and the last chunk. */
export function inOneChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
}

/** DROP: at most one answer, a 400, and the end of the connection. The upstream sees zero bytes. */
export async function expectDropped(gateway: TestGateway, bytes: string | Buffer): Promise<void> {
  const before = gateway.upstream.received.length
  const answers = await overWire(gateway.origin, bytes)
  expect(answers.length).toBeLessThanOrEqual(1)
  for (const { status } of answers) expect(status).toBe(400)
  expect(gateway.upstream.received.length).toBe(before)
}

/** One answer with this status; nothing reaches the upstream. */
export async function expectRefused(
  gateway: TestGateway,
  bytes: string | Buffer,
  status: number,
): Promise<WireAnswer> {
  const before = gateway.upstream.received.length
  const [answer] = await overWire(gateway.origin, bytes, 1)
  expect(answer?.status).toBe(status)
  expect(gateway.upstream.received.length).toBe(before)
  return answer as WireAnswer
}
