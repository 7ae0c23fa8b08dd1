// Whether a proved token may be used the way it was presented: bound tokens with their proof only, whatever the
// route says about DPoP (RFC 9449 §7.2, TOK-17). Verifies no token itself.
import type { Credential, Principal } from '../core/principal.ts'
import { type Refusal, refuse } from '../core/refusal.ts'
import { UNAVAILABLE } from '../core/shared-state.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { ProofCheck, ProofFault } from './dpop.ts'
import { ofClient, reject } from './reject.ts'

export type DpopMode = 'off' | 'accept' | 'require'

/** Why it may not; undefined at once for an unbound bearer token. `now` is epoch milliseconds. */
export type CheckBinding = (
  credential: Credential,
  principal: Principal,
  now: number,
) => MaybeAsync<Refusal | undefined>

export function createBinding(mode: DpopMode, checkProof: ProofCheck): CheckBinding {
  const withProof = async (credential: Credential, principal: Principal, boundKey: string, now: number) => {
    const fault = await checkProof(credential, principal, boundKey, now)
    if (fault === UNAVAILABLE) return NOT_CHECKED
    return fault && refuseDpop(fault, principal)
  }
  return (credential, principal, now) => {
    const { boundKey } = principal
    if (credential.scheme === 'bearer') {
      if (boundKey !== undefined) return misused('a bound token presented without its proof', principal) // J64, I33
      return mode === 'require' ? refuseDpop(NOT_BOUND, principal) : undefined
    }
    if (mode === 'off') return misused('DPoP is switched off for this route', principal)
    // RFC 9449 §7.1: the scheme promises a bound token
    if (boundKey === undefined) return refuseDpop(NOT_BOUND, principal)
    return withProof(credential, principal, boundKey, now)
  }
}

/** A proof that may have been used elsewhere is not taken. */
const NOT_CHECKED: Refusal = { reason: 'state_unavailable', detail: 'used proofs' }
const NOT_BOUND = { error: 'invalid_token', detail: 'not bound to a key' } as const

function refuseDpop(fault: ProofFault, { clientId }: Principal): Refusal {
  return ofClient(refuse({ reason: 'dpop_rejected', ...fault }), clientId).refusal
}

function misused(detail: string, { clientId }: Principal): Refusal {
  return ofClient(reject('binding', detail), clientId).refusal
}
