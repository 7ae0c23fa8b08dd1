// Checks whether a proved token may be used the way it was presented: a bound token needs its proof, whatever the route
// says about DPoP (RFC 9449 §7.2, TOK-17). It verifies no token itself.
import type { Credential, Principal } from '../core/principal.ts'
import { type Refusal, refuse } from '../core/refusal.ts'
import { UNAVAILABLE } from '../core/shared-state.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { ProofCheck, ProofFault } from './dpop.ts'
import { ofClient, reject } from './reject.ts'

export type DpopMode = 'off' | 'accept' | 'require'

/**
 * Returns why the token may not be used so. For an unbound bearer token it returns undefined without a promise. `now`
 * is epoch milliseconds.
 */
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
    // RFC 9449 §7.1: the scheme promises a bound token.
    if (boundKey === undefined) return refuseDpop(NOT_BOUND, principal)
    return withProof(credential, principal, boundKey, now)
  }
}

/** A proof is refused when it may have been used at another gateway. */
const NOT_CHECKED: Refusal = { reason: 'state_unavailable', detail: 'used proofs' }
const NOT_BOUND = { error: 'invalid_token', detail: 'not bound to a key' } as const

function refuseDpop(fault: ProofFault, { clientId }: Principal): Refusal {
  return ofClient(refuse({ reason: 'dpop_rejected', ...fault }), clientId).refusal
}

function misused(detail: string, { clientId }: Principal): Refusal {
  return ofClient(reject('binding', detail), clientId).refusal
}
