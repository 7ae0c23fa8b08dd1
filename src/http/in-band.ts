// Refusals that are told with status 200: a challenge inside the result of a tool call, for clients that look for it
// there (R17, D-02), and errors that concern one request only. deny.ts decides when.
import type { Era, Refusal } from '../core/refusal.ts'
import { formatInBandChallenge } from './challenge.ts'
import { approvalWords, IN_VAIN, insufficient, REQUIRED, required } from './words.ts'

/** What ChatGPT reads; no revision of MCP has such a member. */
const CHALLENGE_MEMBER = 'mcp/www_authenticate'

export interface ToolCall {
  /** JSON text of the request's id. */
  readonly id: string
  readonly era: Era
}

interface Resource {
  readonly resourceMetadata: string
  readonly signInScopes: readonly string[]
}

/** Undefined for a refusal that no sign-in would cure. */
export function challengeInResult(
  refusal: Refusal,
  { resourceMetadata, signInScopes }: Resource,
  call: ToolCall,
): string | undefined {
  if (refusal.reason === 'token_missing') {
    const challenge = formatInBandChallenge({ resourceMetadata, description: REQUIRED, scope: signInScopes })
    return failed(call, REQUIRED, challenge)
  }
  if (refusal.reason !== 'scope_missing') return undefined
  if (refusal.futile) return failed(call, IN_VAIN, undefined)
  const description = required(refusal.missing)
  const challenge = formatInBandChallenge({ resourceMetadata, description, scope: refusal.challenge })
  return failed(call, insufficient(refusal.missing), challenge)
}

/** Undefined for a refusal of another kind. A model reads the result of a tool, and an error of its client often not. */
export function approvalInResult(refusal: Refusal, call: ToolCall): string | undefined {
  const isMeant = refusal.reason === 'approval_required' || refusal.reason === 'approval_denied'
  return isMeant ? failed(call, approvalWords(refusal), undefined) : undefined
}

const OF_ONE_REQUEST: ReadonlySet<Refusal['reason']> = new Set([
  ...(['scope_missing', 'call_forbidden', 'method_unknown', 'params_invalid', 'capability_missing'] as const),
  ...(['approval_required', 'approval_denied'] as const),
  ...([
    'rate_limited',
    'overloaded',
    'policy_unavailable',
    'audit_unavailable',
    'state_unavailable',
  ] as const),
  ...(['upstream_unreachable', 'upstream_invalid', 'upstream_timeout', 'upstream_ended'] as const),
])

/** Whether the refusal concerns this request only, and neither its token nor its session nor its revision. */
export function isOfOneRequest({ reason }: Refusal): boolean {
  return OF_ONE_REQUEST.has(reason)
}

function failed({ id, era }: ToolCall, text: string, challenge: string | undefined): string {
  const result = {
    isError: true,
    content: [{ type: 'text', text }],
    ...(challenge === undefined ? {} : { _meta: { [CHALLENGE_MEMBER]: [challenge] } }),
    ...(era === 'modern' ? { resultType: 'complete' } : {}), // T26-27
  }
  return `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`
}
