// Why something was refused, as a person reads it at a terminal. docs/reasons.md has each reason in full, and the audit
// the exact word. Never a token or a claim value.
import type { Reason, Refusal, TokenCheck } from '../core/refusal.ts'

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

/** `refused: no such session`, `failed: the server cannot be reached`. */
export function refusalWords(refusal: Refusal): string {
  return `${FAILURES.has(refusal.reason) ? 'failed' : 'refused'}: ${reasonWords(refusal)}`
}

function reasonWords(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'token_rejected':
      return `the token does not count: ${CHECK_WORDS[refusal.check]}`
    case 'dpop_rejected':
      return refusal.error === 'use_dpop_nonce'
        ? 'its proof needs a nonce, which it was given'
        : WORDS.dpop_rejected
    case 'scope_missing':
      return `needs ${refusal.missing.join(' ')}`
    case 'call_forbidden':
      return OWN_RULES.get(refusal.rule) ?? `rule ${refusal.rule} denies it`
    case 'rate_limited':
      return `too many requests (${refusal.limit})`
    case 'origin_forbidden':
      return `pages of ${refusal.origin} may not call`
    case 'host_forbidden':
      return `nothing is served as ${refusal.host}`
    default:
      return WORDS[refusal.reason]
  }
}
