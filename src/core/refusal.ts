// Every way the gateway says no, as one union of plain values. http/deny.ts is the only file that turns a
// reason into an HTTP answer; the same word stands in the audit line, the metric label and the docs.

/** Which check of a presented token failed. For the operator; a client never hears it. */
export type TokenCheck =
  | 'shape'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'type'
  | 'issuer'
  | 'audience'
  | 'expiry'
  | 'not_before'
  | 'lifetime'
  | 'subject'
  | 'claims'
  | 'binding'
  | 'inactive'
  | 'agreement'

/** How a refusal of policy is told: as an HTTP status, or inside a JSON-RPC answer with status 200. */
export type Denial = 'http' | 'in_band'

/** Whom a genuine token names. Names are cut at 200 characters. */
export interface TokenHolder {
  readonly issuer: string
  /** Undefined where it is not known that the token was shown by its subject: it is bound to a key. */
  readonly subject: string | undefined
}

/** The audiences of a genuine token that does not name this route, and those of which it would have to name one. */
export interface AudienceMismatch {
  readonly named: readonly string[]
  readonly wanted: readonly string[]
}

/** Every way the gateway says no. `client` and `holder` say whom a refused token belongs to, only where the token itself is
 * genuine: its signature held, or its issuer spoke of it. `detail` is for the operator; http/deny.ts decides what the client hears. */
export type Refusal =
  | { readonly reason: 'headers_too_large'; readonly detail: string }
  | { readonly reason: 'request_malformed'; readonly detail: string }
  /** It may be a replay: a proxy took it before its TLS handshake was complete. */
  | { readonly reason: 'early_data' }
  | { readonly reason: 'host_forbidden'; readonly host: string }
  | { readonly reason: 'origin_forbidden'; readonly origin: string }
  | { readonly reason: 'route_unknown' }
  | { readonly reason: 'token_missing'; readonly detail: string }
  | { readonly reason: 'token_malformed'; readonly detail: string }
  | {
      readonly reason: 'token_rejected'
      readonly check: TokenCheck
      readonly detail: string
      /** Scopes of a token whose signature held but which has expired, to be asked for again (CHL-12). */
      readonly expiredScopes?: readonly string[]
      readonly client?: string
      readonly holder?: TokenHolder
      /** With `check: 'audience'`, for a genuine token. */
      readonly audience?: AudienceMismatch
    }
  | {
      readonly reason: 'dpop_rejected'
      readonly error: 'invalid_dpop_proof' | 'invalid_token'
      readonly detail: string
      readonly client?: string
    }
  | {
      readonly reason: 'dpop_rejected'
      readonly error: 'use_dpop_nonce'
      readonly detail: string
      /** What the next proof must carry. */
      readonly nonce: string
      readonly client?: string
    }
  | { readonly reason: 'issuer_unreachable'; readonly detail: string; readonly retryAfterSeconds: number }
  | { readonly reason: 'method_not_allowed'; readonly allow: string }
  | { readonly reason: 'body_too_large'; readonly limitBytes: number }
  | { readonly reason: 'body_timeout' }
  | { readonly reason: 'media_type_unsupported'; readonly detail: string }
  | { readonly reason: 'body_unreadable'; readonly detail: string }
  | { readonly reason: 'message_invalid'; readonly detail: string }
  | { readonly reason: 'params_invalid'; readonly detail: string }
  | { readonly reason: 'header_mismatch'; readonly detail: string }
  | {
      readonly reason: 'version_unsupported'
      readonly requested: string
      /** What this gateway carries in the era that was asked for, newest first. */
      readonly supported: readonly string[]
    }
  /** `extension`: what the client must declare among its capabilities (R8). */
  | { readonly reason: 'capability_missing'; readonly extension: string }
  | { readonly reason: 'session_malformed'; readonly detail: string }
  | { readonly reason: 'session_unknown'; readonly detail: string }
  | { readonly reason: 'task_unknown' }
  | { readonly reason: 'method_unknown'; readonly method: string; readonly era: Era }
  | {
      readonly reason: 'scope_missing'
      /** What to ask for: sorted, and already the set of docs/decisions.md, 3. */
      readonly challenge: readonly string[]
      readonly missing: readonly string[]
      readonly rule: string
      /** Asked for too often in vain: told plainly, without a challenge (SCP-09). */
      readonly futile?: true
    }
  /** Rules are kept elsewhere, and cannot be read. */
  | { readonly reason: 'policy_unavailable'; readonly detail: string; readonly retryAfterSeconds: number }
  | { readonly reason: 'call_forbidden'; readonly rule: string; readonly denial: Denial }
  /** Allowed once somebody else has approved this very call. `rules`: those whose approvers have to agree, `rule` first. */
  | {
      readonly reason: 'approval_required'
      readonly rule: string
      readonly rules: readonly string[]
      /** There once it was asked for. */
      readonly approval?: PendingApproval
    }
  /** An approver said no to this very call. */
  | { readonly reason: 'approval_denied'; readonly rule: string; readonly approval: PendingApproval }
  | { readonly reason: 'rate_limited'; readonly limit: string; readonly retryAfterSeconds: number }
  | { readonly reason: 'overloaded'; readonly detail: string; readonly retryAfterSeconds?: number }
  | { readonly reason: 'upstream_unreachable'; readonly detail: string }
  | { readonly reason: 'upstream_invalid'; readonly detail: string }
  | { readonly reason: 'upstream_timeout'; readonly detail: string }
  /** A server that is a program, and is no more, or was not started. */
  | { readonly reason: 'upstream_ended'; readonly detail: string }
  | { readonly reason: 'audit_unavailable' }
  /** What gateways share cannot be asked, and to go on without it would be wrong. `detail`: what it was asked for. */
  | { readonly reason: 'state_unavailable'; readonly detail: string }

/** `until` is in epoch milliseconds: when it is over. `useMs`: how long the caller may take once it is approved. */
export interface PendingApproval {
  readonly id: string
  readonly until: number
  readonly useMs: number
  /** Where a person sees whether it was decided. */
  readonly page: string
}

export type Reason = Refusal['reason']

/** The two families of protocol revisions: per-request `_meta` (2026-07-28) or `initialize` (before it). */
export type Era = 'legacy' | 'modern'

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal }
}
