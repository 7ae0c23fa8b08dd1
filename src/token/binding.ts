// Whether a proved token may be used the way it was presented: bound tokens with their proof only, whatever the
// route says about DPoP (RFC 9449 §7.2, TOK-17). Verifies no token itself.
import type { Credential, Principal } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import { refuse } from '../core/refusal.ts'
import type { ProofCheck, ProofFault } from './dpop.ts'
import { reject } from './reject.ts'

export type DpopMode = 'off' | 'accept' | 'require'

/** Synchronous, and the very Result that came in, for an unbound bearer token. `now` is epoch milliseconds. */
export type Bind = (
  credential: Credential,
  proved: Result<Principal>,
  now: number,
) => Result<Principal> | Promise<Result<Principal>>

export function createBinding(mode: DpopMode, checkProof: ProofCheck): Bind {
  const withProof = async (
    credential: Credential,
    proved: Result<Principal>,
    boundKey: string,
    now: number,
  ) => {
    const fault = await checkProof(credential, boundKey, now)
    return fault === undefined ? proved : refuseDpop(fault)
  }
  return (credential, proved, now) => {
    if (!proved.ok) return proved
    const { boundKey } = proved.value
    if (credential.scheme === 'bearer') {
      if (boundKey !== undefined) return reject('binding', 'a bound token presented without its proof') // J64, I33
      return mode === 'require'
        ? refuseDpop({ error: 'invalid_token', detail: 'not bound to a key' })
        : proved
    }
    if (mode === 'off') return reject('binding', 'DPoP is switched off for this route')
    // RFC 9449 §7.1: the scheme promises a bound token
    if (boundKey === undefined) return refuseDpop({ error: 'invalid_token', detail: 'not bound to a key' })
    return withProof(credential, proved, boundKey, now)
  }
}

function refuseDpop(fault: ProofFault) {
  return refuse({ reason: 'dpop_rejected', ...fault })
}
