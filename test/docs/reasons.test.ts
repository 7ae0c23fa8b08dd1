// docs/reasons.md against the code: every way to say no stands in it, with the status and the words that http/deny.ts
// gives it, and so does every check of a token.
import { describe, expect, it } from 'vitest'
import type { Reason, Refusal, TokenCheck } from '../../src/core/refusal.ts'
import { deny } from '../../src/http/deny.ts'
import { tableOf } from './page.ts'

const detail = 'detail'
const retryAfterSeconds = 3

/** One of each; a new reason does not compile until it is here. */
const REFUSALS: { readonly [R in Reason]: Extract<Refusal, { reason: R }> } = {
  headers_too_large: { reason: 'headers_too_large', detail: 'x' },
  request_malformed: { reason: 'request_malformed', detail },
  early_data: { reason: 'early_data' },
  host_forbidden: { reason: 'host_forbidden', host: 'h' },
  origin_forbidden: { reason: 'origin_forbidden', origin: 'o' },
  route_unknown: { reason: 'route_unknown' },
  token_missing: { reason: 'token_missing', detail },
  token_malformed: { reason: 'token_malformed', detail },
  token_rejected: { reason: 'token_rejected', check: 'signature', detail },
  dpop_rejected: { reason: 'dpop_rejected', error: 'invalid_dpop_proof', detail },
  issuer_unreachable: { reason: 'issuer_unreachable', detail, retryAfterSeconds },
  method_not_allowed: { reason: 'method_not_allowed', allow: 'POST, GET, DELETE' },
  body_too_large: { reason: 'body_too_large', limitBytes: 4_194_304 },
  body_timeout: { reason: 'body_timeout' },
  media_type_unsupported: { reason: 'media_type_unsupported', detail },
  body_unreadable: { reason: 'body_unreadable', detail },
  message_invalid: { reason: 'message_invalid', detail },
  params_invalid: { reason: 'params_invalid', detail },
  header_mismatch: { reason: 'header_mismatch', detail },
  version_unsupported: { reason: 'version_unsupported', requested: '2020-01-01', supported: ['2026-07-28'] },
  capability_missing: { reason: 'capability_missing', extension: 'io.modelcontextprotocol/tasks' },
  session_malformed: { reason: 'session_malformed', detail },
  session_unknown: { reason: 'session_unknown', detail },
  task_unknown: { reason: 'task_unknown' },
  method_unknown: { reason: 'method_unknown', method: 'm', era: 'modern' },
  scope_missing: { reason: 'scope_missing', challenge: ['a', 'b'], missing: ['b'], rule: 'r' },
  call_forbidden: { reason: 'call_forbidden', rule: 'r', denial: 'http' },
  approval_required: { reason: 'approval_required', rule: 'r', rules: ['r'] },
  approval_denied: {
    reason: 'approval_denied',
    rule: 'r',
    approval: { id: 'x', until: 0, page: '', useMs: 60_000 },
  },
  policy_unavailable: { reason: 'policy_unavailable', detail, retryAfterSeconds },
  rate_limited: { reason: 'rate_limited', limit: 'per_subject', retryAfterSeconds },
  overloaded: { reason: 'overloaded', detail },
  upstream_unreachable: { reason: 'upstream_unreachable', detail },
  upstream_invalid: { reason: 'upstream_invalid', detail },
  upstream_ended: { reason: 'upstream_ended', detail },
  upstream_timeout: { reason: 'upstream_timeout', detail },
  audit_unavailable: { reason: 'audit_unavailable' },
  state_unavailable: { reason: 'state_unavailable', detail },
}

const CHECKS: { readonly [C in TokenCheck]: true } = {
  ...{ shape: true, algorithm: true, key: true, signature: true, type: true, issuer: true, audience: true },
  ...{ expiry: true, not_before: true, lifetime: true, subject: true, claims: true, binding: true },
  ...{ inactive: true, agreement: true },
}

const CONTEXT = {
  resourceMetadata: 'https://mcp.example.com/.well-known/oauth-protected-resource/notes/mcp',
  signInScopes: ['a'],
  dpopAlgorithms: ['ES256'],
  dpopRequired: false,
  bodyCounts: true,
  challenge: 'http' as const,
  errors: 'http' as const,
}

interface OAuthBody {
  readonly error_description: string
}
interface RpcBody {
  readonly error: { readonly message: string }
}

function wordsOf(refusal: Refusal): { status: number; words: string } {
  const { status, body } = deny(refusal, CONTEXT, { id: '1', bodyRead: true })
  const told = JSON.parse(String(body)) as OAuthBody | RpcBody
  return { status, words: 'error_description' in told ? told.error_description : told.error.message }
}

const rows = tableOf('docs/reasons.md', 'reason')

describe('docs/reasons.md', () => {
  it('lists every reason once', () => {
    expect(rows.map(([reason]) => reason).sort()).toEqual(Object.keys(REFUSALS).sort())
  })

  it.each(rows.map(([reason, status, hears]) => [reason, status, hears]))(
    '%s: %s, and what the client hears',
    (reason, status, hears) => {
      const answer = wordsOf(REFUSALS[reason as Reason])
      expect(Number.parseInt(status ?? '', 10)).toBe(answer.status)
      // The fixed part of the words; what is quoted after a colon differs from case to case.
      expect(hears).toContain(answer.words.split(/: | \d/)[0])
    },
  )

  it('lists every check of a token once', () => {
    const checks = tableOf('docs/reasons.md', 'check').map(([check]) => check)
    expect(checks.sort()).toEqual(Object.keys(CHECKS).sort())
  })
})
