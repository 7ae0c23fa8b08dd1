// What is sent to the upstream for an allowed request: the configured path, our headers before the client's, and
// the very bytes that were judged.
import type { Message } from '../core/call.ts'
import { isListMethod } from '../core/methods.ts'
import type { Principal } from '../core/principal.ts'
import type { Inbound } from '../http/inbound.ts'
import type { UpstreamRequest } from '../upstream/undici.ts'
import type { Door, Route } from './route.ts'

/** A list has to be whole before anything can be taken out of it. */
const MAX_LIST_BYTES = 16 * 1024 * 1024

export function upstreamRequest(
  inbound: Inbound,
  { route, kind }: Door,
  principal: Principal | undefined,
  message: Message,
  session: string | undefined,
  body: Buffer | undefined,
): UpstreamRequest {
  const isMessage = kind === 'messages' && session !== undefined
  return {
    method: inbound.method as UpstreamRequest['method'],
    path: isMessage ? session : upstreamPath(route.upstreamUrl, inbound.query),
    headers: route.writeHeaders({
      fields: inbound.fields,
      principal,
      requestId: inbound.id,
      sessionId: isMessage ? undefined : session,
      modern: message.era === 'modern',
    }),
    body,
    bufferJsonUpTo: filtersLists(route, message) ? MAX_LIST_BYTES : 0,
  }
}

export function filtersLists(route: Route, message: Message): boolean {
  return !route.policy.showsAll && message.calls.some(({ method }) => isListMethod(method))
}

/** The configured path and query, then what the client asked, without a token it must not have put there (TOK-02). */
function upstreamPath(url: URL, query: string): string {
  if (query.length <= 1) return url.pathname + url.search
  const parts = query.slice(1).split('&')
  const kept = parts.filter((part) => !isTokenParameter(part)).join('&')
  if (kept === '') return url.pathname + url.search
  return `${url.pathname}${url.search === '' ? '?' : `${url.search}&`}${kept}`
}

function isTokenParameter(part: string): boolean {
  const name = new URLSearchParams(part).keys().next().value
  return name?.toLowerCase() === 'access_token'
}

/** Whether the query may stand in a request line to the upstream; everything else is percent-encoded already. */
export function isPlainQuery(query: string): boolean {
  return /^[\x21-\x7e]*$/.test(query)
}
