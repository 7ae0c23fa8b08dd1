// The verifier of one route: picks the one issuer that may judge a token, before any network (TOK-16), proves
// the token in that issuer's mode, keeps the verdict, and checks how it was presented.
import type { Credential } from '../core/principal.ts'
import type { Verifier } from '../core/route.ts'
import type { AudienceCheck } from './audience.ts'
import { compileAudience } from './audience.ts'
import type { DpopMode } from './binding.ts'
import { createBinding } from './binding.ts'
import { createVerdictCache } from './cached.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { createProofCheck } from './dpop.ts'
import { agree, confirm, introspect, keepingOf, proveByIntrospection } from './introspected.ts'
import type { Issuer } from './issuer.ts'
import type { JsonObject } from './json.ts'
import type { Jws } from './jws.ts'
import { isJwtShaped, readJws } from './jws.ts'
import { proveJwt } from './jwt.ts'
import { nonceAfter, type ProofNonces } from './nonce.ts'
import { ofClient, reject } from './reject.ts'
import type { Prove, Verdict } from './verdict.ts'
import { refused } from './verdict.ts'

export interface VerifierOptions {
  /** What `aud` must name one of. */
  readonly audience: readonly string[]
  readonly issuers: readonly Issuer[]
  readonly dpop: DpopMode
  /** Absent: proofs need no nonce. */
  readonly nonces?: ProofNonces
  readonly clock?: Clock
}

/** An issuer as one route sees it. */
interface Trusted {
  readonly issuer: Issuer
  readonly audience: AudienceCheck
}

const MAX_ENTRIES = 10_000
/** RFC 9110 §11.2 */
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/

export function createVerifier(options: VerifierOptions): Verifier {
  const { audience, issuers, dpop, nonces, clock = systemClock } = options
  const trusted = new Map(
    issuers.map((issuer) => {
      const check = compileAudience(audience, issuer.settings.singleAudience)
      return [issuer.settings.issuer, { issuer, audience: check }]
    }),
  )
  const sizes = issuers.map(({ settings }) => keepingOf(settings)?.maxEntries ?? 0)
  const maxEntries = Math.max(...sizes, 0) || MAX_ENTRIES
  const cache = createVerdictCache({
    ...{ maxEntries, clock },
    prove: createProve(trusted),
    aboutOf: issuers.some(judgesRequests) ? requestOf : tokenOf,
  })
  const bind = createBinding(dpop, createProofCheck(clock, nonces))
  return {
    verify(credential, now) {
      const proved = cache.verify(credential, now)
      if (proved instanceof Promise) return proved.then((result) => bind(credential, result, now))
      return bind(credential, proved, now)
    },
    recheck: (credential, now) => cache.verify(credential, now),
    nextNonce: ({ scheme, proof }, now) =>
      nonces && scheme === 'dpop' ? nonceAfter(nonces, proof, now) : undefined,
    async confirmActive(credential, principal) {
      const known = trusted.get(principal.issuer)
      if (known === undefined) return reject('issuer', 'not an issuer of this route')
      const said = await introspect(credential, known.issuer, known.audience, clock.now())
      const agreed = said.ok ? agree(principal, said.value) : said
      if (!agreed.ok && agreed.refusal.reason === 'token_rejected') cache.forget(credential)
      return agreed
    },
  }
}

/** INVARIANT: a token is shown to at most one issuer, and only to one that this route names (I15). */
function createProve(trusted: ReadonlyMap<unknown, Trusted>): Prove {
  const takers = [...trusted.values()].filter(({ issuer }) => takesOpaque(issuer))
  const taker = takers.length === 1 ? takers[0] : undefined
  return async (credential, now) => {
    const { token } = credential
    if (!TOKEN68.test(token)) return refused(reject('shape', 'not in the token68 alphabet')) // J40, J71
    if (!isJwtShaped(token)) {
      if (taker === undefined) return refused(reject('shape', 'not a JWT, and no single issuer takes others'))
      return proveByIntrospection(credential, taker.issuer, taker.audience, now)
    }
    const jws = readJws(token)
    if (!jws.ok) return refused(jws)
    const known = trusted.get(jws.value.claims['iss']) // exact, so arrays and other types find nothing (J16, J17)
    if (known === undefined) return refused(reject('issuer', 'not an issuer of this route')) // J15
    return proveSigned(credential, jws.value, known, now)
  }
}

/** Who is told of the request may judge it too, so that an answer holds for one like it only (B17, T-08). */
function judgesRequests({ settings: { judge } }: Issuer): boolean {
  return judge !== undefined && judge.kind !== 'static_keys'
}

const tokenOf = ({ token }: Credential) => token
const requestOf = ({ token, method, url, address }: Credential) =>
  JSON.stringify([token, method, url, address])

function takesOpaque({ settings: { validation } }: Issuer): boolean {
  return validation === 'introspection' || validation === 'jwt_else_introspection'
}

/** Contract, validation modes, the column of JWT-shaped tokens. */
async function proveSigned(
  credential: Credential,
  jws: Jws,
  { issuer, audience }: Trusted,
  now: number,
): Promise<Verdict> {
  const { settings, keys } = issuer
  if (settings.validation === 'introspection') return proveByIntrospection(credential, issuer, audience, now)
  const signed = await proveJwt(credential.token, jws, { settings, audience, keys }, now)
  if (issuer.isRevoked !== undefined) return unlessRevoked(signed, jws.claims, issuer.isRevoked)
  if (settings.validation !== 'jwt_and_introspection' || !signed.result.ok) return signed
  return confirm(credential, { ...signed, result: signed.result }, issuer, audience, now)
}

/** Contract, section 5: a revocation acts at once, on kept verdicts too. */
function unlessRevoked(
  signed: Verdict,
  claims: JsonObject,
  isRevoked: (claims: JsonObject) => boolean,
): Verdict {
  if (!signed.result.ok) return signed
  if (isRevoked(claims)) return refused(ofClient(reject('inactive', 'revoked'), signed.result.value.clientId))
  return { ...signed, stands: () => signed.stands() && !isRevoked(claims) }
}
