// A request as the protocol engine may see it. Host, scheme and the caller's address are ours (A48: never Host, never
// X-Forwarded-*), the body is read and bounded, and what a client wrote loosely has been put right before.
import { IncomingMessage } from 'node:http'

export interface InnerRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly body: Buffer
  readonly contentType?: string
}

/** @param origin of `public_url`; @param address of the caller */
export function toInnerRequest(
  outer: IncomingMessage,
  inner: InnerRequest,
  origin: string,
  address: string,
): IncomingMessage {
  const { protocol, host } = new URL(origin)
  const request = new IncomingMessage(outer.socket)
  request.method = inner.method
  request.url = inner.url
  request.httpVersion = outer.httpVersion
  request.httpVersionMajor = outer.httpVersionMajor
  request.httpVersionMinor = outer.httpVersionMinor
  const fields: string[] = []
  for (const [name, value] of pairs(outer.rawHeaders)) {
    const plain = name.toLowerCase()
    if (!isOurs(plain)) fields.push(plain, value)
  }
  fields.push('host', host, 'x-forwarded-proto', protocol.replace(':', ''), 'x-forwarded-for', address)
  if (inner.body.length > 0) {
    fields.push('content-length', String(inner.body.length))
    if (inner.contentType !== undefined) fields.push('content-type', inner.contentType)
  }
  request.rawHeaders = fields
  for (const [name, value] of pairs(fields)) {
    const before = request.headers[name]
    request.headers[name] =
      before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  if (inner.body.length > 0) request.push(inner.body)
  request.complete = true // whole, so that nobody takes its end for a broken connection
  request.push(null)
  return request
}

const OURS: ReadonlySet<string> = new Set([
  'host',
  'forwarded',
  'content-length',
  'content-type',
  'transfer-encoding',
  'expect',
])

function isOurs(name: string): boolean {
  return OURS.has(name) || name.startsWith('x-forwarded-') || name.startsWith('x-real-')
}

function* pairs(fields: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index < fields.length; index += 2) {
    yield [fields[index] as string, fields[index + 1] as string]
  }
}

/** Undefined when the body exceeds the limit (the rest is read and discarded) or the client aborted. */
export async function readWhole(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > limitBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    if (request.destroyed) return undefined // the client left
    throw error
  }
  if (length <= limitBytes) return Buffer.concat(chunks, length)
  request.resume() // else the next request of the connection would never be read
  return undefined
}
