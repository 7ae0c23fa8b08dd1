// Makes the request for the upstream of an allowed call: the configured path, its headers, and the very bytes that were
// judged. upstream/request-head.ts and headers.ts write it.
import type { Message } from '../core/call.ts'
import { isRepeatable } from '../core/methods.ts'
import { MAX_LIST_BYTES } from '../mcp/listing.ts'
import { mirrorsName } from '../mcp/standard-headers.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Mirrored } from '../upstream/identity-headers.ts'
import type { UpstreamRequest } from '../upstream/upstream.ts'
import type { AllowedCall } from './request-state.ts'
import { openEventId } from './resumption.ts'

export function upstreamRequest(call: AllowedCall): UpstreamRequest {
  const { inbound, caller, session, filters } = call
  const body = call.body?.bytes
  const { route, kind } = call.endpoint
  const isMessage = kind === 'messages' && session !== undefined
  const target = isMessage ? session : upstreamPath(route.upstreamUrl, route.passQuery ? inbound.query : '')
  const mayRepeat = onlyReads(call.message)
  return {
    caller: caller.key,
    era: call.message.era,
    isStream: call.isStream,
    method: inbound.method,
    target,
    headers: {
      fields: inbound.fields,
      principal: caller.principal,
      requestId: inbound.id,
      calls: call.message.calls,
      body,
      sessionId: isMessage ? undefined : session,
      lastEventId: openEventId(call),
      mirrored: mirroredBy(call.message),
      isShortened: call.record.withheld !== undefined,
      trace: call.record.trace?.outgoing(call.message.calls[0]),
    },
    body,
    onWritten: mayRepeat ? undefined : call.body?.release,
    onResent: mayRepeat ? () => noteResent(call.record) : undefined,
    bufferJsonUpTo: filters ? MAX_LIST_BYTES : 0,
  }
}

function onlyReads({ calls }: Message): boolean {
  return calls.length > 0 && calls.every(({ kind, method }) => kind === 'request' && isRepeatable(method))
}

function noteResent(record: RequestRecord): void {
  record.resent = true
}

const NOTHING_MIRRORED: Mirrored = { method: false, name: false, arguments: false }

/**
 * Says which headers that repeat the body go on: none before 2026-07-28 (L74). Method and name were compared with the
 * body. Only the tool's schema says which argument an `Mcp-Param-*` header repeats, so its server compares those
 * (SEP-2243).
 */
function mirroredBy({ era, calls }: Message): Mirrored {
  const method = calls[0]?.method
  if (era === 'legacy' || method === undefined) return NOTHING_MIRRORED
  return { method: true, name: mirrorsName(method), arguments: method === 'tools/call' }
}

/**
 * The configured path and query, then the query of the client, without a token that it must not have put there
 * (TOK-02).
 */
function upstreamPath(url: URL | undefined, query: string): string {
  if (url === undefined) return '' // a program has no address
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
