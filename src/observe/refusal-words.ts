// Why something was refused, as a person reads it at a terminal. docs/reasons.md has each reason in full, and the audit
// the exact word. Never a token or a claim value.
import type { Reason, TokenCheck } from '../core/refusal.ts'

const CHECK_WORDS: Readonly<Record<TokenCheck, string>> = {
  shape: 'it is no token that this route takes',
  algorithm: 'its algorithm is not accepted',
  key: 'no published key fits it',
  signature: 'its signature does not hold',
  type: 'it is a token of another kind',
  issuer: 'another issuer made it',
  audience: 'it is for another server',
  expiry: 'it has expired',
  not_before: 'it is not valid yet',
  lifetime: 'it lives too long',
  subject: 'it names nobody',
  claims: 'its claims cannot be read',
  binding: 'it is bound to a key that was not shown',
  inactive: 'its issuer says that it is over',
  agreement: 'its issuer says something else than the token',
}

const WORDS: Readonly<Record<Reason, string>> = {
  headers_too_large: 'its headers are too large',
  request_malformed: 'the request is malformed',
  early_data: 'it may be a replay',
  host_forbidden: 'nothing is served under this host name',
  origin_forbidden: 'pages of this origin may not call',
  route_unknown: 'nothing is served there',
  token_missing: 'no token, asked to sign in',
  token_malformed: 'the token cannot be read',
  token_rejected: 'the token does not count',
  dpop_rejected: 'the proof of possession does not hold',
  issuer_unreachable: 'the issuer of the token cannot be asked',
  method_not_allowed: 'not with this HTTP method',
  body_too_large: 'the body is too large',
  body_timeout: 'the body did not arrive in time',
  media_type_unsupported: 'the body is of another type',
  body_unreadable: 'the body is no JSON',
  message_invalid: 'it is no message of MCP',
  params_invalid: 'its parameters are not right',
  header_mismatch: 'headers and body do not agree',
  version_unsupported: 'this revision of MCP is not spoken here',
  capability_missing: 'the client lacks a capability for it',
  session_malformed: 'the session id is malformed',
  session_unknown: 'no such session',
  task_unknown: 'no such task',
  method_unknown: 'no such method',
  scope_missing: 'a scope is missing',
  policy_unavailable: 'the policy cannot be read',
  call_forbidden: 'no rule allows it',
  approval_required: 'somebody else has to approve it first',
  approval_denied: 'somebody who decides said no',
  rate_limited: 'too many requests',
  overloaded: 'the gateway is busy',
  upstream_unreachable: 'the server cannot be reached',
  upstream_invalid: 'the server did not answer properly',
  upstream_timeout: 'the server did not answer in time',
  upstream_ended: 'the program of the server ended',
  audit_unavailable: 'the call cannot be recorded',
  state_unavailable: 'what gateways share cannot be asked',
}
/** Nobody decided against these. */
const FAILURES: ReadonlySet<Reason> = new Set([
  ...(['upstream_unreachable', 'upstream_invalid', 'upstream_timeout', 'upstream_ended'] as const),
  ...(['overloaded', 'issuer_unreachable', 'policy_unavailable'] as const),
  ...(['audit_unavailable', 'state_unavailable'] as const),
])

/** What is denied without a rule of the file. */
const OWN_RULES: ReadonlyMap<string, string> = new Map([
  ['default', WORDS.call_forbidden],
  ['unsafe_name', 'its name could be read as another one'],
  ['unsafe_uri', 'its URI has another spelling'],
  ['manifest', 'it is not as approved'],
])

/** What is told of a refusal, when it is made and when its line is read again. A line may lack the rest. */
export interface ToldRefusal {
  readonly reason: Reason
  readonly check?: TokenCheck
  readonly error?: string
  readonly missing?: readonly string[]
  readonly rule?: string
  readonly limit?: string
  readonly origin?: string
  readonly host?: string
}

/** `refused: no such session`, `failed: the server cannot be reached`. */
export function refusalWords(refusal: ToldRefusal): string {
  return `${FAILURES.has(refusal.reason) ? 'failed' : 'refused'}: ${reasonWords(refusal)}`
}

/** Whether a text is one of the reasons, as it stands in a line of the audit. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(WORDS, text)
}

/** Whether a text is one of the checks of a token. */
export function isTokenCheck(text: string): text is TokenCheck {
  return Object.hasOwn(CHECK_WORDS, text)
}

function reasonWords(refusal: ToldRefusal): string {
  const { reason, check, missing = [], rule, limit, origin, host } = refusal
  if (reason === 'token_rejected' && check !== undefined) return `${WORDS[reason]}: ${CHECK_WORDS[check]}`
  if (reason === 'dpop_rejected' && refusal.error === 'use_dpop_nonce')
    return 'its proof needs a nonce, which it was given'
  if (reason === 'scope_missing' && missing.length > 0) return `needs ${missing.join(' ')}`
  if (reason === 'call_forbidden' && rule !== undefined)
    return OWN_RULES.get(rule) ?? `rule ${rule} denies it`
  if (reason === 'rate_limited' && limit !== undefined) return `too many requests (${limit})`
  if (reason === 'origin_forbidden' && origin !== undefined) return `pages of ${origin} may not call`
  if (reason === 'host_forbidden' && host !== undefined) return `nothing is served as ${host}`
  return WORDS[reason]
}
