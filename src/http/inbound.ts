// One request as it arrived, before anything was believed: the raw target, the raw header fields, the body on
// demand with a limit and a deadline. Deliberately knows nothing of routes or tokens.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Fields, valuesOf } from '../core/fields.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'

/** H20: a node upstream drops what comes after its 1,000th header; nobody needs more than this. */
const MAX_HEADER_FIELDS = 100
const BODY_DEADLINE_MS = 10_000
/** Bytes of request bodies that may be in memory at one time, over all requests (D10). */
const MAX_BUFFERED_BYTES = 128 * 1024 * 1024

let bufferedBytes = 0

export interface Inbound {
  /** Our own id of this exchange; a client's `x-request-id` is only logged. */
  readonly id: string
  readonly method: string
  /** The raw path, and it is in normal form. */
  readonly path: string
  /** Empty, or `?` and what follows. */
  readonly query: string
  readonly fields: Fields
  readonly hasBody: boolean
  /** The caller's, for limits and the audit only. */
  readonly address: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Reads the request line and the framing headers. Refuses what two parsers could read in two ways. */
export function readInbound(
  request: IncomingMessage,
  response: ServerResponse,
  address: string,
): Result<Inbound> {
  const fields = request.rawHeaders
  if (fields.length > MAX_HEADER_FIELDS * 2) return refuse({ reason: 'headers_too_large' })
  const framing = framingProblem(request)
  if (framing) return refuse(framing)
  const target = request.url ?? ''
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  const problem = pathProblem(path)
  if (problem) return malformed(problem)
  const { headers } = request
  return ok({
    id: randomUUID(),
    method: request.method ?? '',
    path,
    query: question < 0 ? '' : target.slice(question),
    fields,
    hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
    address,
    request,
    response,
  })
}

function malformed(detail: string) {
  return refuse({ reason: 'request_malformed', detail })
}

function framingProblem(request: IncomingMessage): Refusal | undefined {
  const fault = (detail: string): Refusal => ({ reason: 'request_malformed', detail })
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor > 1) return fault('HTTP version') // H42
  const coding = request.headers['transfer-encoding']
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') return fault('transfer coding') // H03
    if (request.httpVersionMinor === 0) return fault('transfer coding on HTTP/1.0') // H04
  }
  const expect = request.headers.expect
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return fault('expectation') // H08
  const bodiless = request.method === 'GET' || request.method === 'DELETE' || request.method === 'HEAD'
  if (bodiless && (coding !== undefined || Number(request.headers['content-length'] ?? 0) > 0)) {
    return fault('a body where none belongs') // M54, H06
  }
  return undefined
}

const PLAIN_PATH = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,=:@]+)+\/?$|^\/$/
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/

/** H30–H33, H46: the raw path must already be what any normalisation would make of it. */
function pathProblem(path: string): string | undefined {
  if (path === '*') return 'asterisk form'
  if (!PLAIN_PATH.test(path)) return 'a path that is not in normal form'
  return DOT_SEGMENT.test(path) ? 'dot segments in the path' : undefined
}

/**
 * The whole body. Refuses above `limitBytes` by the bytes that came, whatever Content-Length says (D11), and a
 * body that is not complete after ten seconds (M33).
 */
export function readBody(inbound: Inbound, limitBytes: number): Promise<Result<Buffer>> {
  const { request, response } = inbound
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > limitBytes) return Promise.resolve(refuse({ reason: 'body_too_large', limitBytes }))
  if (bufferedBytes + declared > MAX_BUFFERED_BYTES) {
    return Promise.resolve(refuse({ reason: 'overloaded', detail: 'too many request bodies in memory' }))
  }
  if (request.headers.expect !== undefined) response.writeContinue()

  const { promise, resolve } = Promise.withResolvers<Result<Buffer>>()
  const chunks: Buffer[] = []
  let length = 0
  const finish = (result: Result<Buffer>) => {
    clearTimeout(deadline)
    request.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
    request.on('error', () => {}) // a socket that breaks later is the client's own business
    bufferedBytes -= length
    resolve(result)
  }
  const deadline = setTimeout(() => finish(refuse({ reason: 'body_timeout' })), BODY_DEADLINE_MS)
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    bufferedBytes += chunk.length
    chunks.push(chunk)
    if (length > limitBytes) finish(refuse({ reason: 'body_too_large', limitBytes }))
    else if (bufferedBytes > MAX_BUFFERED_BYTES) {
      finish(refuse({ reason: 'overloaded', detail: 'too many request bodies in memory' }))
    }
  })
  request.on('end', () => finish(ok(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))))
  request.on('error', () => finish(malformed('the body broke off')))
  return promise
}

/** H27: the one Host there must be; undefined when it is absent, empty or repeated. */
export function hostOf(inbound: Inbound): string | undefined {
  const hosts = valuesOf(inbound.fields, 'host')
  return hosts.length === 1 && hosts[0] !== '' ? hosts[0] : undefined
}
