// Whether a proved token may be used the way it was presented: bound tokens with their proof only, whatever the
// route says about DPoP (RFC 9449 §7.2, TOK-17). Verifies no token itself.
import type { Credential, Principal } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import { refuse } from '../core/refusal.ts'
import type { ProofCheck, ProofFault } from './dpop.ts'
import { ofClient, reject } from './reject.ts'

/** The token itself is good. */
type Proof = Extract<Result<Principal>, { ok: true }>

export type DpopMode = 'off' | 'accept' | 'require'

/** Synchronous, and the very Result that came in, for an unbound bearer token. `now` is epoch milliseconds. */
export type Bind = (
  credential: Credential,
  proved: Result<Principal>,
  now: number,
) => Result<Principal> | Promise<Result<Principal>>

export function createBinding(mode: DpopMode, checkProof: ProofCheck): Bind {
  const withProof = async (credential: Credential, proved: Proof, boundKey: string, now: number) => {
    const fault = await checkProof(credential, boundKey, now)
    return fault === undefined ? proved : refuseDpop(fault, proved)
  }
  return (credential, proved, now) => {
    if (!proved.ok) return proved
    const { boundKey } = proved.value
    if (credential.scheme === 'bearer') {
      if (boundKey !== undefined) return misused('a bound token presented without its proof', proved) // J64, I33
      return mode === 'require' ? refuseDpop(NOT_BOUND, proved) : proved
    }
    if (mode === 'off') return misused('DPoP is switched off for this route', proved)
    // RFC 9449 §7.1: the scheme promises a bound token
    if (boundKey === undefined) return refuseDpop(NOT_BOUND, proved)
    return withProof(credential, proved, boundKey, now)
  }
}

const NOT_BOUND = { error: 'invalid_token', detail: 'not bound to a key' } as const

function refuseDpop(fault: ProofFault, { value }: Proof) {
  return ofClient(refuse({ reason: 'dpop_rejected', ...fault }), value.clientId)
}

function misused(detail: string, { value }: Proof) {
  return ofClient(reject('binding', detail), value.clientId)
}
