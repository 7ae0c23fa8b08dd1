// The refusals that end token checks. Their details are for the operator and never quote a claim or a token.
import { randomInt } from 'node:crypto'
import type { Refusal, TokenCheck } from '../core/refusal.ts'
import { refuse } from '../core/refusal.ts'

/** The longest name of a client in the audit. */
const MAX_CLIENT_CHARACTERS = 200

export type Rejected = { readonly ok: false; readonly refusal: Refusal }

export function reject(check: TokenCheck, detail: string): Rejected {
  return refuse({ reason: 'token_rejected', check, detail })
}

/** Names the client of a genuine token that is refused. A token that may be made up names nobody. */
export function ofClient(rejected: Rejected, client: unknown): Rejected {
  const { refusal } = rejected
  if (typeof client !== 'string' || client === '') return rejected
  if (refusal.reason !== 'token_rejected' && refusal.reason !== 'dpop_rejected') return rejected
  return refuse({ ...refusal, client: client.slice(0, MAX_CLIENT_CHARACTERS) })
}

/**
 * Refuses because the issuer cannot be asked. This is never a 401, or clients would throw good tokens away (I08, T-24).
 */
export function unreachable(issuer: string, why: string, retryAfterSeconds = soon()): Rejected {
  return refuse({ reason: 'issuer_unreachable', detail: `issuer ${issuer}: ${why}`, retryAfterSeconds })
}

/** D24: callers who were refused together should not come back together, so the time is random. */
function soon(): number {
  return randomInt(2, 5)
}

/** The reason for an embedded server whose store is down. */
export const DATA_AWAY = 'its data cannot be read'
