// The verdict on a token, and how long it may be reused. Values only.
import type { Credential, Principal } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { Rejected } from './reject.ts'

/**
 * The part of a proof that is kept. Nothing in it may lead to the token, nor may anything that `stands` closes over
 * (K15).
 */
export interface TokenVerdict {
  readonly result: Result<Principal>
  /** How long it may be reused, in milliseconds of the monotonic clock; 0: not at all. */
  readonly keepMs: number
  /** The instant, in epoch milliseconds, from which the verdict is no longer true, whatever its age. */
  readonly endsAt: number
  /** False once its ground is gone: its key left the JWKS. */
  readonly stands: () => boolean
}

/** A verdict in the token's favour. */
export type ProvedVerdict = TokenVerdict & {
  readonly result: { readonly ok: true; readonly value: Principal }
}

/** One token to prove. */
export interface TokenQuery {
  readonly credential: Credential
  /** The caller whose quota the query counts for, where it is known; otherwise its network. */
  readonly quotaKey: string
  /** The time, in epoch milliseconds. */
  readonly now: number
}

/** Proves one token, without a cache. */
export type ProveToken = (query: TokenQuery) => MaybeAsync<TokenVerdict>

/** docs/decisions.md, 10: a verdict is kept until `exp`, and five minutes at most. */
export const MAX_KEEP_MS = 300_000

const always = () => true

/** A refusal that is not kept: the next caller asks again. */
export function refusedVerdict(refusal: Rejected, keepMs = 0): TokenVerdict {
  return { result: refusal, keepMs, endsAt: Number.POSITIVE_INFINITY, stands: always }
}

/** @param leewaySeconds how long after `exp` the issuer's tokens still count */
export function provedVerdict(
  principal: Principal,
  leewaySeconds: number,
  keepMs = MAX_KEEP_MS,
  stands: () => boolean = always,
): ProvedVerdict {
  // One second more, because expiry is compared in whole seconds (J30).
  const endsAt = (principal.expiresAt + leewaySeconds + 1) * 1000
  return { result: { ok: true, value: principal }, keepMs: Math.min(keepMs, MAX_KEEP_MS), endsAt, stands }
}
