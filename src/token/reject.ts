// The refusals that token checks end in. Details are for the operator and never quote a claim or a token.
import { randomInt } from 'node:crypto'
import type { Refusal, TokenCheck } from '../core/refusal.ts'
import { refuse } from '../core/refusal.ts'

export type Rejected = { readonly ok: false; readonly refusal: Refusal }

export function reject(check: TokenCheck, detail: string): Rejected {
  return refuse({ reason: 'token_rejected', check, detail })
}

/** The issuer cannot be asked: never a 401, or clients throw good tokens away (I08, T-24). */
export function unreachable(issuer: string, why: string, retryAfterSeconds = soon()): Rejected {
  return refuse({ reason: 'issuer_unreachable', detail: `issuer ${issuer}: ${why}`, retryAfterSeconds })
}

/** D24: callers who were all refused at once should not all come back at once. */
function soon(): number {
  return randomInt(2, 5)
}
