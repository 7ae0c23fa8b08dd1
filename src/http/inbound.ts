// One request as it arrived, before anything was believed: the raw target and the raw header fields. Deliberately
// knows nothing of routes or tokens, and reads no body.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Fields, valuesOf } from '../core/fields.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { HeaderList } from './answer.ts'

/** H20: a node upstream drops what comes after its 1,000th header; nobody needs more than this. */
const MAX_HEADER_FIELDS = 100
const TOO_MANY = `more than ${MAX_HEADER_FIELDS} header fields`

export interface Inbound {
  /** Our own id of this exchange; a client's `x-request-id` is only logged. */
  readonly id: string
  readonly method: string
  /** The raw path, and it is in normal form. */
  readonly path: string
  /** Empty, or `?` and what follows. */
  readonly query: string
  readonly fields: Fields
  /** The caller's, for limits and the audit only. */
  readonly address: string
  /** What every response to it carries: our request id, and CORS for a listed origin. */
  readonly own: HeaderList
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Reads the request line and the framing headers. Refuses what two parsers could read in two ways. */
export function readInbound(
  request: IncomingMessage,
  response: ServerResponse,
  known: Pick<Inbound, 'id' | 'address' | 'own'>,
): Result<Inbound> {
  const fields = request.rawHeaders
  if (fields.length > MAX_HEADER_FIELDS * 2) return refuse({ reason: 'headers_too_large', detail: TOO_MANY })
  const framing = framingProblem(request)
  if (framing) return refuse(framing)
  if (request.headers['early-data'] !== undefined) return refuse({ reason: 'early_data' }) // H52
  const target = request.url ?? ''
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  const query = question < 0 ? '' : target.slice(question)
  const problem = pathProblem(path) ?? (QUERY.test(query) ? undefined : 'a query that has to be encoded')
  if (problem) return malformed(problem)
  return ok({
    ...known,
    method: request.method ?? '',
    path,
    query,
    fields,
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

/** RFC 3986 §3.4, as far as it could be read in two ways. */
const QUERY = /^[\x21-\x7e]*$/

/** H30–H33, H46: the raw path must already be what any normalisation would make of it. */
function pathProblem(path: string): string | undefined {
  if (path === '*') return 'asterisk form'
  if (!PLAIN_PATH.test(path)) return 'a path that is not in normal form'
  return DOT_SEGMENT.test(path) ? 'dot segments in the path' : undefined
}

/** H27: the one Host there must be; undefined when it is absent, empty or repeated. */
export function hostOf(inbound: Inbound): string | undefined {
  const hosts = valuesOf(inbound.fields, 'host')
  return hosts.length === 1 && hosts[0] !== '' ? hosts[0] : undefined
}
