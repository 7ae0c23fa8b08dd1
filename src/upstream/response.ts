// What of an upstream's response may go on to the client: which statuses, which headers. An upstream's own
// challenges, cookies, redirects and CORS never do (FWD-10, L33–L37).
import type { Refusal } from '../core/refusal.ts'
import { HOP_BY_HOP } from './hop-by-hop.ts'
import { headerOf, type Reply, type ReplyHeaders } from './reply.ts'

const DROPPED = new Set([
  ...HOP_BY_HOP,
  'www-authenticate',
  'proxy-authentication-info',
  'authentication-info',
  'set-cookie',
  'set-cookie2',
  'server',
  'via',
  'x-powered-by',
  'alt-svc',
  'clear-site-data',
  'strict-transport-security',
  'location',
  'refresh',
  'dpop-nonce',
  'x-request-id',
  'mcp-session-id', // sealed by the exchange
  'vary',
])

const UNRELAYED_STATUSES = new Set([204, 205, 304, 401, 403, 407, 421])

/** L30, L33, L34: a status that must not reach the client as it is; undefined when it may. */
export function replyProblem(reply: Reply): Refusal | undefined {
  const { status } = reply
  if (status === 204 && declaresNoBody(reply)) return undefined
  const odd = status < 200 || status > 599 || (status >= 300 && status < 400)
  if (odd || UNRELAYED_STATUSES.has(status)) return { reason: 'upstream_invalid', detail: `status ${status}` }
  return undefined
}

/** RFC 9110 §8.6: a 204 carries no Content-Length; one with a length carries what no parser would call its body. */
function declaresNoBody({ headers }: Reply): boolean {
  const length = headerOf(headers, 'content-length')
  return length === '' || length === '0'
}

export type RelayedHeaders = Record<string, string | readonly string[]>

/** Our own headers and those that go on. `identityPrefix` keeps an upstream from echoing what we told it (L35). */
export function relayedHeaders(
  headers: ReplyHeaders,
  identityPrefix: string,
  own: Readonly<RelayedHeaders>,
): RelayedHeaders {
  const relayed: RelayedHeaders = { ...own }
  const nominated = nominatedByConnection(headers) // L36
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || DROPPED.has(name) || nominated.includes(name)) continue
    if (name.startsWith('access-control-') || name.startsWith(identityPrefix)) continue
    relayed[name] = value
  }
  if (relayed['content-type'] === undefined) relayed['x-content-type-options'] = 'nosniff' // L39
  relayed['cache-control'] ??= 'no-store' // CAC-05
  // RFC 9449 §8.2, RFC 9111 §7.3: what we give to one client must not be given to another, nor a second time.
  if ('dpop-nonce' in own || 'set-cookie' in own) relayed['cache-control'] = 'no-store'
  return relayed
}

function nominatedByConnection(headers: ReplyHeaders): readonly string[] {
  const connection = headerOf(headers, 'connection')
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return []
  return connection.split(',').map((name) => name.trim().toLowerCase())
}
