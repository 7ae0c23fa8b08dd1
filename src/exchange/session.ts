// Sessions of the revisions before 2026-07-28. The client holds the upstream's session id sealed for its own
// principal, so ownership is checked on every request without a store, and survives a token refresh (SES-02 to
// SES-04). Somebody else's id, a forged one and an expired one are the same answer.
import type { Message } from '../core/call.ts'
import { valuesOf } from '../core/fields.ts'
import { ok, type Result, refuse } from '../core/refusal.ts'
import { toUpstreamEndpoint } from '../mcp/endpoint.ts'
import type { AdmittedRequest, AllowedCall } from './request-state.ts'

/** S06: MCP 2025-11-25 transports, Session Management: an id is visible ASCII. The sealer bounds its length. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/
export const SESSION_HEADER = 'mcp-session-id'

/**
 * Returns the upstream's own name for the session: its id, or for a 2024-11-05 message its endpoint as path and query.
 * Returns undefined when the request names no session, or belongs to a revision or a message that has none.
 */
export function openSession(
  { inbound, endpoint, caller }: AdmittedRequest,
  message: Message,
): Result<string | undefined> {
  const { route } = endpoint
  if (endpoint.kind === 'messages') {
    return known(toUpstreamEndpoint(inbound.query, route.sealer, caller.owner))
  }
  const startsOver = message.calls.some(({ method }) => method === 'initialize') // S04
  if (message.era === 'modern' || route.transport === 'sse' || startsOver) return ok(undefined)
  const sent = valuesOf(inbound.fields, SESSION_HEADER)
  const [id] = sent
  if (id === undefined) return ok(undefined)
  if (sent.length > 1 || !VISIBLE_ASCII.test(id)) {
    return refuse({
      reason: 'session_malformed',
      detail: 'Mcp-Session-Id must be one value of visible ASCII',
    })
  }
  return known(route.sealer.open(caller.owner, id))
}

const NOT_OURS = 'no session of this caller'

/** R12: the answer is never 401 or 403, which would make a client throw its token away. */
function known(session: string | undefined): Result<string> {
  return session === undefined ? refuse({ reason: 'session_unknown', detail: NOT_OURS }) : ok(session)
}

/** Returns the sealed id for a session that the upstream named; undefined when the upstream's id is unusable. */
export function sealSession(
  { inbound, endpoint, caller, session }: AllowedCall,
  id: string,
): string | undefined {
  // The client gets back the same id that it sent, also where an earlier version of the gateway sealed it.
  const sent = id === session ? valuesOf(inbound.fields, SESSION_HEADER)[0] : undefined
  return sent ?? endpoint.route.sealer.seal(caller.owner, id)
}
