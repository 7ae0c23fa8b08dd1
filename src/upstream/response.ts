// Says what of an upstream's response may go on to the client: which statuses, which headers. An upstream's own
// challenges, cookies, redirects and CORS headers never do (FWD-10, L33–L37).

import type { Fields } from '../core/fields.ts'
import type { Refusal } from '../core/refusal.ts'
import { nominatedByConnection } from '../lib/connection-header.ts'
import { DIGESTS } from './digests.ts'
import { HOP_BY_HOP } from './hop-by-hop.ts'
import { headerOf, type Reply } from './reply.ts'

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
  'mcp-session-id', // the exchange sends it sealed
  'vary',
  // Headers for caches, since each answer belongs to one caller (L12, L14, L80).
  'etag',
  'last-modified',
  'cache-control',
  'expires',
  'age',
  'pragma',
])

const UNRELAYED_STATUSES = new Set([204, 205, 304, 401, 403, 407, 421])

/** L30, L33, L34: refuses a status that must not reach the client as it is; undefined when it may. */
export function replyProblem(reply: Reply): Refusal | undefined {
  const { status } = reply
  if (status === 204 && declaresNoBody(reply)) return undefined
  const odd = status < 200 || status > 599 || (status >= 300 && status < 400)
  if (odd || UNRELAYED_STATUSES.has(status)) return { reason: 'upstream_invalid', detail: `status ${status}` }
  return undefined
}

/**
 * RFC 9110 §8.6: a 204 carries no Content-Length. One with a length is followed by bytes that no parser would call its
 * body.
 */
function declaresNoBody({ headers }: Reply): boolean {
  const length = headerOf(headers, 'content-length')
  return length === '' || length === '0'
}

export interface Relaying {
  /** The prefix of identity headers, which the upstream may not echo (L35). */
  readonly identityPrefix: string
  readonly identityNames?: ReadonlySet<string>
  /** Headers of the gateway's own. */
  readonly own: Fields
  readonly body: BodyFate
}

/**
 * What the client gets of the body: the very bytes, bytes that may be changed, or none. Without a body no header says
 * its type.
 */
export type BodyFate = 'same' | 'changed' | 'none'

/** Returns the gateway's own headers and those that go on: name, value, … */
export function relayedHeaders(headers: Fields, relaying: Relaying): string[] {
  const relayed = [...relaying.own]
  const nominated = nominatedByConnection(headers) // L36
  let typed = false
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (nominated?.has(name) || !goesOn(name, relaying)) continue
    typed ||= name === 'content-type'
    relayed.push(name, headers[i + 1] as string)
  }
  if (!typed) relayed.push('x-content-type-options', 'nosniff') // L39
  relayed.push('cache-control', 'no-store') // CAC-05
  return relayed
}

function goesOn(name: string, { identityPrefix, identityNames, body }: Relaying): boolean {
  if (DROPPED.has(name) || identityNames?.has(name)) return false
  if (name.startsWith('access-control-') || name.startsWith(identityPrefix)) return false
  if (body === 'none' && name === 'content-type') return false
  return body === 'same' || !DIGESTS.has(name)
}
