// Proves a JWT by its issuer's published keys (RFC 9068 §4, RFC 8725): decides which algorithms, keys and claims are
// acceptable. A definite no is final: no other source is asked (I13). Where the keys are at hand it returns no promise.
import type { Refusal, Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { AudienceCheck } from './audience.ts'
import { holderIn, readPrincipal } from './claims.ts'
import type { KeySet } from './jwks.ts'
import type { VerificationKey } from './keys.ts'
import type { Jws } from './read-jws.ts'
import { ofHolder, reject } from './reject.ts'
import type { SignatureTurns } from './signature-turns.ts'
import { headerTypeFault } from './token-kind.ts'
import type { TokenVerdict } from './verdict.ts'
import { MAX_KEEP_MS, provedVerdict, refusedVerdict } from './verdict.ts'

export interface JwtOptions {
  readonly settings: IssuerSettings
  readonly audience: AudienceCheck
  readonly keys: KeySet
  readonly turns: SignatureTurns
}

/** @param now epoch milliseconds */
export function proveJwt(
  jws: Jws,
  quotaKey: string,
  options: JwtOptions,
  now: number,
): MaybeAsync<TokenVerdict> {
  const { settings, keys, turns } = options
  if (!settings.algorithms.includes(jws.alg))
    return refusedVerdict(reject('algorithm', 'algorithm not allowed')) // J04
  const kind = headerTypeFault(jws.header, settings.typ)
  if (kind !== undefined) return refusedVerdict(reject('type', kind)) // J24, J25
  return andThen(findSigner(jws, keys, { quotaKey, turns }), (signer) =>
    signer.ok ? judgeClaims(jws.claims, signer.value.thumbprint, options, now) : refusedVerdict(signer),
  )
}

/** Takes no token as an argument: a kept verdict holds on to everything in scope where it is made (K15). */
function judgeClaims(
  claims: JsonObject,
  thumbprint: string,
  { settings, audience, keys }: JwtOptions,
  now: number,
): TokenVerdict {
  const stands = () => keys.holds(thumbprint)
  const optional = { issuer: false, audience: false }
  const read = readPrincipal(claims, { settings, audience, optional }, now)
  const result = read.ok ? read : ofHolder(read, holderIn(claims, settings))
  if (result.ok) return provedVerdict(result.value, settings.leewaySeconds, MAX_KEEP_MS, stands)
  // J32: an expired token stays expired, although the clock may be set back.
  return { ...refusedVerdict(result, isExpiry(result.refusal) ? MAX_KEEP_MS : 0), stands }
}

/** For whom signatures are checked, and the turns that order the checks. */
interface Queue {
  readonly quotaKey: string
  readonly turns: SignatureTurns
}

function findSigner(jws: Jws, keys: KeySet, queue: Queue): MaybeAsync<Result<VerificationKey>> {
  return andThen(keys.candidates(jws.kid, jws.alg), (candidates) => {
    if (!candidates.ok) return candidates
    return andThen(firstThatVerifies(jws, candidates.value, queue), (signer) =>
      signer === undefined ? findReplaced(jws, candidates.value, keys, queue) : ok(signer),
    )
  })
}

/** N-05: an issuer may replace a key under the same kid, so the keys are fetched again. */
async function findReplaced(
  jws: Jws,
  tried: readonly VerificationKey[],
  keys: KeySet,
  queue: Queue,
): Promise<Result<VerificationKey>> {
  const renewed = (await keys.renew()) ? await keys.candidates(jws.kid, jws.alg) : ok(tried)
  if (!renewed.ok) return renewed
  const known = new Set(tried.map((key) => key.thumbprint))
  const fresh = renewed.value.filter((key) => !known.has(key.thumbprint))
  const replaced = await firstThatVerifies(jws, fresh, queue)
  return replaced === undefined ? reject('signature', 'the signature does not verify') : ok(replaced)
}

function firstThatVerifies(
  jws: Jws,
  keys: readonly VerificationKey[],
  queue: Queue,
): MaybeAsync<VerificationKey | undefined> {
  const [key, ...others] = keys
  if (key === undefined) return undefined
  return andThen(verifies(jws, key, queue), (holds) => (holds ? key : firstThatVerifies(jws, others, queue)))
}

/** Verifies a signature, of a token or of a DPoP proof. */
export function verifies(jws: Jws, key: VerificationKey, { quotaKey, turns }: Queue): MaybeAsync<boolean> {
  const check = key.checks.get(jws.alg)
  return check === undefined ? false : turns.check(quotaKey, check, jws.signed, jws.signature)
}

function isExpiry(refusal: Refusal): boolean {
  return refusal.reason === 'token_rejected' && refusal.expiredScopes !== undefined
}
