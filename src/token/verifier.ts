// The verifier of one route. Before any network it picks the one issuer that may judge a token (TOK-16). It proves the
// token in that issuer's mode, keeps the verdict, and checks how the token was presented.

import { callerKey } from '../core/caller.ts'
import type { Credential } from '../core/principal.ts'
import { refuse } from '../core/refusal.ts'
import type { Attempts, Verifier } from '../core/route.ts'
import type { UsedProofs } from '../core/shared-state.ts'
import { shareOf } from '../core/shares.ts'
import { andThen, isPending, type MaybeAsync } from '../core/turn.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { AudienceCheck } from './audience.ts'
import { compileAudience } from './audience.ts'
import type { DpopMode } from './binding.ts'
import { createBinding } from './binding.ts'
import { holderOf } from './claims.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { createProofCheck, createProofMemory } from './dpop.ts'
import type { Issuer } from './issuer-contract.ts'
import { proveJwt } from './jwt.ts'
import { nonceAfter, type ProofNonces } from './nonce.ts'
import type { Jws } from './read-jws.ts'
import { isJwtShaped, readJws } from './read-jws.ts'
import { DATA_AWAY, ofHolder, reject, unreachable } from './reject.ts'
import { createSignatureTurns, type SignatureTurns } from './signature-turns.ts'
import type { ProveToken, TokenQuery, TokenVerdict } from './verdict.ts'
import { refusedVerdict } from './verdict.ts'
import { createVerdictCache, type VerdictBudgets } from './verdict-cache.ts'
import {
  confirmByIntrospection,
  intersectPrincipals,
  introspect,
  verdictCacheSettingsOf,
  verifyByIntrospection,
} from './verify-by-introspection.ts'

export interface VerifierOptions {
  /** The audiences of which `aud` must name one. */
  readonly audience: readonly string[]
  readonly issuers: readonly Issuer[]
  readonly dpop: DpopMode
  /** Nonces that proofs must carry; absent: they need none. */
  readonly nonces?: ProofNonces
  /** The part of a table that one caller, or one network, may hold; a quarter by default. */
  readonly share?: number
  /** Budgets of all routes together; absent: kept verdicts are bounded for this route alone. */
  readonly budgets?: VerdictBudgets
  /** The table of used proofs; absent: a new one, which ends with the verifier. */
  readonly usedProofs?: UsedProofs
  /** Turns for checks of signatures; absent: the verifier has its own. */
  readonly signatureTurns?: SignatureTurns
  /** Counts failing attempts; absent: any number of unknown tokens may fail. */
  readonly attempts?: Attempts | undefined
  /** Called when a token that was good is no longer. */
  readonly onForgotten?: (digest: string) => void
  readonly clock?: Clock
}

/** An issuer as one route sees it. */
interface Trusted {
  readonly issuer: Issuer
  readonly audience: AudienceCheck
}

const MAX_ENTRIES = 20_000
/** RFC 9110 §11.2 */
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/

export function createVerifier(options: VerifierOptions): Verifier {
  const { audience, issuers, dpop, nonces, attempts, share = 0.25, clock = systemClock } = options
  const usedProofs = options.usedProofs ?? createProofMemory(clock, share)
  const turns = options.signatureTurns ?? createSignatureTurns()
  const trusted = new Map(
    issuers.map((issuer) => {
      const check = compileAudience(audience, issuer.settings.singleAudience)
      return [issuer.settings.issuer, { issuer, audience: check }]
    }),
  )
  const sizes = issuers.map(({ settings }) => verdictCacheSettingsOf(settings)?.maxEntries ?? 0)
  const size = Math.max(...sizes, 0) || MAX_ENTRIES
  const cache = createVerdictCache({
    bounds: { size, share: shareOf(size, share) },
    budgets: options.budgets,
    ...{ clock, attempts, onForgotten: options.onForgotten },
    prove: createProve(trusted, turns),
    aboutOf: issuers.some(judgesRequests) ? requestOf : tokenOf,
  })
  const bind = createBinding(dpop, createProofCheck(usedProofs, turns, nonces))
  return {
    prove: cache.verify,
    bind,
    forgetDigest: cache.forgetDigest,
    forgetAll: cache.forgetAll,
    async verify(credential, now) {
      const proved = await cache.verify(credential, now)
      const fault = proved.ok ? await bind(credential, proved.value, now) : undefined
      return fault === undefined ? proved : refuse(fault)
    },
    nextNonce: ({ scheme, proof }, now) =>
      nonces && scheme === 'dpop' ? nonceAfter(nonces, proof, now) : undefined,
    canConfirm: ({ issuer }) => trusted.get(issuer)?.issuer.introspection !== undefined,
    async confirmActive(credential, principal) {
      const known = trusted.get(principal.issuer)
      if (known === undefined) return reject('issuer', 'not an issuer of this route')
      const query = { credential, quotaKey: callerKey(principal, ''), now: clock.now() }
      const answer = await introspect(query, known.issuer, known.audience)
      const agreed = answer.ok ? intersectPrincipals(principal, answer.value) : answer
      if (!agreed.ok && agreed.refusal.reason === 'token_rejected') cache.forget(credential)
      return agreed
    },
  }
}

/** INVARIANT: a token is shown to at most one issuer, and only to one that this route names (I15). */
function createProve(trusted: ReadonlyMap<unknown, Trusted>, turns: SignatureTurns): ProveToken {
  const opaqueIssuers = [...trusted.values()].filter(({ issuer }) => takesOpaque(issuer))
  const opaqueIssuer = opaqueIssuers.length === 1 ? opaqueIssuers[0] : undefined
  return (query) => {
    const { token } = query.credential
    if (!isJwtShaped(token)) {
      if (!TOKEN68.test(token)) return refusedVerdict(reject('shape', 'not in the token68 alphabet')) // J40, J71
      if (opaqueIssuer === undefined)
        return refusedVerdict(reject('shape', 'not a JWT, and no single issuer takes others'))
      return verifyByIntrospection(query, opaqueIssuer.issuer, opaqueIssuer.audience)
    }
    const jws = readJws(token)
    if (!jws.ok) return refusedVerdict(jws)
    const known = trusted.get(jws.value.claims['iss']) // an exact look-up, so arrays and other types find nothing (J16, J17)
    if (known === undefined) return refusedVerdict(reject('issuer', 'not an issuer of this route')) // J15
    return proveSigned(query, jws.value, known, turns)
  }
}

/**
 * Whether the verifier is told about the request, and may judge it too. Its answer is then kept for requests like this
 * one only (B17, T-08).
 */
function judgesRequests({ settings: { verdictSource } }: Issuer): boolean {
  return verdictSource !== undefined && verdictSource.kind !== 'static_keys'
}

const tokenOf = ({ token }: Credential) => token
const requestOf = ({ token, method, url, address }: Credential) =>
  JSON.stringify([token, method, url, address])

function takesOpaque({ settings: { validation } }: Issuer): boolean {
  return validation === 'introspection' || validation === 'jwt_else_introspection'
}

/** Proves a JWT in the issuer's mode (docs/decisions.md, 10, the column of JWTs). */
function proveSigned(
  query: TokenQuery,
  jws: Jws,
  { issuer, audience }: Trusted,
  turns: SignatureTurns,
): MaybeAsync<TokenVerdict> {
  const { settings, keys, isRevoked } = issuer
  if (settings.validation === 'introspection') return verifyByIntrospection(query, issuer, audience)
  const judged = proveJwt(jws, query.quotaKey, { settings, audience, keys, turns }, query.now)
  return andThen(judged, (signed) => {
    if (isRevoked !== undefined) return unlessRevoked(signed, jws.claims, { settings, isRevoked })
    if (settings.validation !== 'jwt_and_introspection' || !signed.result.ok) return signed
    return confirmByIntrospection(query, { ...signed, result: signed.result }, issuer, audience)
  })
}

/**
 * docs/decisions.md, 11: a revocation takes effect at once, on kept verdicts too. Where its answer has to be waited
 * for, the token is judged anew.
 */
function unlessRevoked(
  signed: TokenVerdict,
  claims: JsonObject,
  { settings, isRevoked }: RevokingIssuer,
): MaybeAsync<TokenVerdict> {
  const { result } = signed
  if (!result.ok) return signed
  const stillCounts = () => {
    const now = isRevoked(claims)
    if (!isPending(now)) return now === false
    now.catch(() => undefined) // the new judgement asks again and handles the error
    return false
  }
  return andThen(isRevoked(claims), (revoked) => {
    if (revoked === undefined) return refusedVerdict(unreachable(settings.name, DATA_AWAY))
    if (revoked) return refusedVerdict(ofHolder(reject('inactive', 'revoked'), holderOf(result.value)))
    return { ...signed, stands: () => signed.stands() && stillCounts() }
  })
}

type RevokingIssuer = Pick<Issuer, 'settings'> & { readonly isRevoked: NonNullable<Issuer['isRevoked']> }
