// A JWT proved by its issuer's published keys (RFC 9068 §4, RFC 8725). jose does the cryptography; which
// algorithms, keys and claims are acceptable is decided here. A definite no is final: nothing rescues it (I13).
import { compactVerify } from 'jose'
import type { Refusal, Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { AudienceCheck } from './audience.ts'
import { firstClaim, readPrincipal } from './claims.ts'
import type { KeySet } from './jwks.ts'
import type { Jws } from './jws.ts'
import type { VerificationKey } from './keys.ts'
import { ofClient, reject } from './reject.ts'
import { headerTypeFault } from './token-kind.ts'
import type { TokenVerdict } from './verdict.ts'
import { MAX_KEEP_MS, provedVerdict, refusedVerdict } from './verdict.ts'

export interface JwtOptions {
  readonly settings: IssuerSettings
  readonly audience: AudienceCheck
  readonly keys: KeySet
}

/** @param now epoch milliseconds */
export async function proveJwt(
  token: string,
  jws: Jws,
  options: JwtOptions,
  now: number,
): Promise<TokenVerdict> {
  const { settings, audience, keys } = options
  if (!settings.algorithms.includes(jws.alg))
    return refusedVerdict(reject('algorithm', 'algorithm not allowed')) // J04
  const kind = headerTypeFault(jws.header, settings.typ)
  if (kind !== undefined) return refusedVerdict(reject('type', kind)) // J24, J25
  const signer = await findSigner(token, jws, keys)
  if (!signer.ok) return refusedVerdict(signer)
  const { thumbprint } = signer.value
  const stands = () => keys.holds(thumbprint)
  const optional = { issuer: false, audience: false }
  const read = readPrincipal(jws.claims, { settings, audience, optional }, now)
  const result = read.ok ? read : ofClient(read, firstClaim(jws.claims, settings.claims.client))
  if (result.ok) return provedVerdict(result.value, settings.leewaySeconds, MAX_KEEP_MS, stands)
  // J32: once expired, stays expired, although the clock may be set back
  return { ...refusedVerdict(result, isExpiry(result.refusal) ? MAX_KEEP_MS : 0), stands }
}

async function findSigner(token: string, { kid, alg }: Jws, keys: KeySet): Promise<Result<VerificationKey>> {
  const candidates = await keys.candidates(kid, alg)
  if (!candidates.ok) return candidates
  const signer = await firstThatVerifies(token, alg, candidates.value)
  if (signer !== undefined) return ok(signer)
  // N-05: an issuer may replace a key under the same kid
  const renewed = (await keys.renew()) ? await keys.candidates(kid, alg) : candidates
  if (!renewed.ok) return renewed
  const known = new Set(candidates.value.map((key) => key.thumbprint))
  const fresh = renewed.value.filter((key) => !known.has(key.thumbprint))
  const replaced = await firstThatVerifies(token, alg, fresh)
  return replaced === undefined ? reject('signature', 'the signature does not verify') : ok(replaced)
}

async function firstThatVerifies(
  token: string,
  alg: string,
  keys: readonly VerificationKey[],
): Promise<VerificationKey | undefined> {
  for (const key of keys) if (await verifies(token, alg, key)) return key
  return undefined
}

/** Shared with DPoP proofs. */
export async function verifies(token: string, alg: string, { key }: VerificationKey): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [alg] })
    return true
  } catch {
    return false // jose throws for a bad signature and for a signature it cannot read; neither verifies
  }
}

function isExpiry(refusal: Refusal): boolean {
  return refusal.reason === 'token_rejected' && refusal.expiredScopes !== undefined
}
