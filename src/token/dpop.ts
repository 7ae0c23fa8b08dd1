// DPoP: checks one proof against one request: whether the caller holds the key that the token is bound to (RFC 9449
// §4.3). binding.ts decides whether a proof is needed at all.
import { hash } from 'node:crypto'
import { callerKey } from '../core/caller.ts'
import type { Credential, Principal } from '../core/principal.ts'
import { UNAVAILABLE, type Unavailable, type UsedProofs } from '../core/shared-state.ts'
import { type Bounds, shareOf } from '../core/shares.ts'
import { isJsonObject, type JsonObject } from '../lib/strict-json.ts'
import type { Clock } from './clock.ts'
import { verifies } from './jwt.ts'
import { readKey, type VerificationKey } from './keys.ts'
import type { ProofNonces } from './nonce.ts'
import { type Jws, readJws } from './read-jws.ts'
import type { SignatureTurns } from './signature-turns.ts'
import { createUsedProofs, type UsedProofsInMemory } from './used-proofs.ts'

/**
 * Returns what is wrong with the proof; `unavailable` where nobody can say whether it was used. `now` is epoch
 * milliseconds.
 */
export type ProofCheck = (
  credential: Credential,
  principal: Principal,
  boundKey: string,
  now: number,
) => Promise<ProofFault | Unavailable | undefined>

export type ProofFault =
  | {
      /** `invalid_token` when the proof is sound but made with another key than the token's (RFC 9449 §7.1). */
      readonly error: 'invalid_dpop_proof' | 'invalid_token'
      readonly detail: string
    }
  | { readonly error: 'use_dpop_nonce'; readonly detail: string; readonly nonce: string }

/** XDP-01: how far `iat` may be from now, either way. */
const WINDOW_SECONDS = 300
const MAX_PROOFS = 100_000
const MAX_JTI_LENGTH = 256

/** How long a proof can be used: from one end of the window to the other. */
export const PROOF_LIFE_MS = 2 * WINDOW_SECONDS * 1_000

/** Bounds of the table of used proofs of a route. `share`: the part that one caller may fill. */
export function proofBounds(share: number, size: number = MAX_PROOFS): Bounds {
  return { size, share: shareOf(size, share) }
}

/** The used proofs of a route, which outlive a reload. */
export function createProofMemory(clock: Clock, share: number, maxProofs?: number): UsedProofsInMemory {
  return createUsedProofs(clock, PROOF_LIFE_MS, proofBounds(share, maxProofs))
}

/** With `nonces`, a proof must carry one of them. */
export function createProofCheck(used: UsedProofs, turns: SignatureTurns, nonces?: ProofNonces): ProofCheck {
  return async (credential, principal, boundKey, now) => {
    const jws = readJws(credential.proof ?? '')
    if (!jws.ok) return invalid('no DPoP header that is a JWT')
    const key = proofKey(jws.value)
    if (typeof key === 'string') return invalid(key)
    const fault = claimFault(jws.value.claims, credential, now)
    if (fault !== undefined) return invalid(fault)
    const caller = callerKey(principal, '')
    const genuine = await verifies(jws.value, key, { quotaKey: caller, turns })
    if (!genuine) return invalid('the signature does not verify')
    if (key.thumbprint !== boundKey)
      return { error: 'invalid_token', detail: 'the token is bound to another key' }
    // RFC 9449 §4.3 check 10, §9. It is checked after the signature, so that a caller who is asked for a nonce has
    // everything else right.
    if (nonces && !isOfNow(jws.value.claims['nonce'], nonces, used, now))
      return withoutNonce(nonces.current(now))
    return useOnce(used, caller, boundKey, jws.value.claims)
  }
}

function isOfNow(nonce: unknown, nonces: ProofNonces, used: UsedProofs, now: number): boolean {
  return nonces.accepts(nonce, now) || used.isFresh?.(nonce) === true
}

/**
 * Takes the proof once. This is the last check, so that only callers with a bound token and its key can fill the table.
 */
async function useOnce(
  used: UsedProofs,
  caller: string,
  boundKey: string,
  { jti, iat, nonce }: JsonObject,
): Promise<ProofFault | Unavailable | undefined> {
  const id = hash('sha256', `${boundKey}${String(jti)}`, 'base64')
  const use = await used.remember(caller, id, { at: Number(iat) * 1_000, nonce })
  return typeof use === 'string' ? REPLAY_FAULTS[use] : withoutNonce(use.nonce)
}

const REPLAY_FAULTS = {
  new: undefined,
  seen: invalid('the proof was used before'),
  full: invalid('too many proofs to remember'),
  unavailable: UNAVAILABLE,
} as const

/** RFC 9449 §4.3 checks 4 to 7: type, asymmetric algorithm, a public key in the header. */
function proofKey({ header, alg }: Jws): VerificationKey | string {
  const { typ, jwk } = header
  if (typeof typ !== 'string' || typ.toLowerCase() !== 'dpop+jwt') return 'typ is not dpop+jwt'
  if (!isJsonObject(jwk)) return 'no jwk'
  const key = readKey(jwk)
  if (!key.ok) return `its key is not usable: ${key.why}`
  return key.value.checks.has(alg) ? key.value : 'its algorithm does not fit its key'
}

/** RFC 9449 §4.3 checks 3, 8, 9, 11 and 12. */
function claimFault(claims: JsonObject, credential: Credential, now: number): string | undefined {
  const { jti, htm, htu, iat, ath } = claims
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) return 'jti is not a short string'
  if (htm !== credential.method) return 'htm is another method'
  if (typeof htu !== 'string' || normalUrl(htu) !== normalUrl(credential.url)) return 'htu is another URL'
  if (typeof iat !== 'number' || !(Math.abs(now / 1000 - iat) <= WINDOW_SECONDS))
    return 'iat is not about now'
  return ath === hash('sha256', credential.token, 'base64url') ? undefined : 'ath is that of another token'
}

/**
 * RFC 9449 §4.2: URLs are compared without query and fragment, after the normalisation of RFC 3986 §6.2.2 and §6.2.3.
 */
function normalUrl(url: string): string | undefined {
  return URL.canParse(url) && !/[?#]/.test(url) ? new URL(url).href : undefined
}

function withoutNonce(nonce: string): ProofFault {
  return { error: 'use_dpop_nonce', detail: 'the proof carries no nonce of now', nonce }
}

function invalid(detail: string): ProofFault {
  return { error: 'invalid_dpop_proof', detail }
}
