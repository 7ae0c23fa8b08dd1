// A token, or bare claims, told claim by claim for `portcullis explain`: what each should be, what it is, and whether
// the signature holds. The verdict itself comes from token/, so what is told is what happens.
import type { Principal } from '../../core/principal.ts'
import type { TokenCheck } from '../../core/refusal.ts'
import type { IssuerSettings } from '../../core/settings.ts'
import { createHttpClient } from '../../lib/bounded-http.ts'
import type { JsonObject } from '../../lib/strict-json.ts'
import { canonicalAudience, compileAudience } from '../../token/audience.ts'
import { readPrincipal } from '../../token/claims.ts'
import { systemClock } from '../../token/clock.ts'
import { createKeySet } from '../../token/jwks.ts'
import { proveJwt } from '../../token/jwt.ts'
import { loadIssuerMetadata } from '../../token/metadata.ts'
import type { Jws } from '../../token/read-jws.ts'
import { createSignatureTurns } from '../../token/signature-turns.ts'
import { impliesAudience } from '../../token/verify-by-introspection.ts'
import {
  askIntrospection,
  detailOf,
  type IntrospectionReport,
  type IntrospectionVerdict,
  narrowed,
} from './explain-introspection.ts'

const ISSUER_TIMEOUT_MS = 5000

export interface ClaimVerdict {
  readonly claim: 'iss' | 'aud' | 'exp' | 'scope'
  readonly ok: boolean
  readonly expected: string
  readonly got: string
}

export interface SignatureVerdict {
  readonly state: 'verified' | 'refused' | 'unchecked'
  readonly detail: string
}

export interface TokenExplanation {
  readonly signature: SignatureVerdict
  /** What its issuer says; absent where nobody is asked. */
  readonly introspection?: IntrospectionVerdict
  /** The claims of the token, or of the answer of its issuer; empty where there is neither. */
  readonly claims: readonly ClaimVerdict[]
  /** What is wrong beside the claims above, such as a missing subject. */
  readonly fault: string | undefined
  /** Who it would be if issuer, audience and times were right; undefined when the token names nobody. */
  readonly principal: Principal | undefined
}

/** A parsed token with its text, one that only its issuer can read, or claims alone. */
export type ExplainedToken =
  | { readonly kind: 'token'; readonly token: string; readonly jws: Jws }
  | { readonly kind: 'opaque'; readonly token: string }
  | { readonly kind: 'claims'; readonly claims: JsonObject }

export interface Trusted {
  readonly issuers: readonly [IssuerSettings, ...IssuerSettings[]]
  readonly audience: readonly string[]
  /** As the request would have been. */
  readonly request: { readonly url: string; readonly address: string }
}

/** `now` is epoch milliseconds. */
export async function judgeToken(
  presented: ExplainedToken,
  trusted: Trusted,
  now: number,
): Promise<TokenExplanation> {
  const own = claimsOf(presented)
  const settings = issuerOf(presented, own, trusted)
  const signature = await judgeSignature(presented, settings, trusted, now)
  const introspected = await introspectionOf(presented, settings, trusted, now)
  const introspection = introspected === undefined ? {} : { introspection: introspected.verdict }
  const signed = settings.validation === 'jwt_and_introspection'
  const claims = introspected === undefined || signed ? own : introspected.answer
  if (claims === undefined)
    return { signature, ...introspection, claims: [], fault: undefined, principal: undefined }
  const isAnswer = introspected !== undefined && !signed
  const rules = {
    settings,
    audience: compileAudience(trusted.audience, settings.singleAudience),
    optional: { issuer: isAnswer, audience: isAnswer && impliesAudience(settings) },
  }
  const known = readPrincipal({ ...claims, ...correctedMembers(claims, settings, trusted, now) }, rules, now)
  const agreed =
    known.ok && signed && introspected?.answer
      ? narrowed(known.value, introspected.answer, rules, now)
      : undefined
  const faultOfToken = known.ok ? timesFault(readPrincipal(claims, rules, now)) : detailOf(known.refusal)
  const principal = known.ok ? known.value : undefined
  const { aud } = claims
  const isAudienceImplied = aud === undefined && rules.optional.audience
  return {
    signature,
    ...introspection,
    claims: [
      judgeIssuer(claims, trusted, isAnswer),
      judgeAudience(claims, trusted, isAudienceImplied || rules.audience.faultOf(aud) === undefined),
      judgeExpiry(claims, settings, now),
    ],
    fault: typeof agreed === 'string' ? agreed : faultOfToken,
    principal: typeof agreed === 'object' ? agreed : principal,
  }
}

function claimsOf(presented: ExplainedToken): JsonObject | undefined {
  if (presented.kind === 'opaque') return undefined
  return presented.kind === 'token' ? presented.jws.claims : presented.claims
}

/** The issuer that would judge it; the first of the route, where none would. */
function issuerOf(
  { kind }: ExplainedToken,
  claims: JsonObject | undefined,
  { issuers }: Trusted,
): IssuerSettings {
  const fits = ({ issuer, validation }: IssuerSettings) =>
    kind === 'opaque' ? takesOpaque(validation) : issuer === claims?.['iss']
  return issuers.find(fits) ?? issuers[0]
}

/** SECURITY: a token is shown to nobody but the issuer that the gateway would show it to. */
async function introspectionOf(
  presented: ExplainedToken,
  settings: IssuerSettings,
  { request }: Trusted,
  now: number,
): Promise<IntrospectionReport | undefined> {
  if (presented.kind === 'claims') return undefined
  const { validation } = settings
  if (presented.kind === 'opaque')
    return takesOpaque(validation) ? askIntrospection(presented.token, request, settings, now) : undefined
  const isAsked = validation === 'introspection' || validation === 'jwt_and_introspection'
  const isIssuer = presented.jws.claims['iss'] === settings.issuer
  return isAsked && isIssuer ? askIntrospection(presented.token, request, settings, now) : undefined
}

export function takesOpaque(validation: IssuerSettings['validation']): boolean {
  return validation === 'introspection' || validation === 'jwt_else_introspection'
}

/**
 * With issuer, audience and times as they should be: each has its own line, and here they must not hide the other
 * claims.
 */
function correctedMembers(
  claims: JsonObject,
  { issuer, maxLifetimeSeconds }: IssuerSettings,
  trusted: Trusted,
  now: number,
) {
  const nowSeconds = Math.floor(now / 1000)
  return {
    iss: issuer,
    aud: trusted.audience.slice(0, 1),
    exp: nowSeconds + Math.min(60, maxLifetimeSeconds),
    ...('nbf' in claims ? { nbf: nowSeconds } : {}),
    iat: nowSeconds,
  }
}

const TOLD_ELSEWHERE: ReadonlySet<TokenCheck> = new Set(['issuer', 'audience', 'expiry'])

/** Faults in the times that have no line of their own: not valid yet, valid for too long. */
function timesFault(result: ReturnType<typeof readPrincipal>): string | undefined {
  if (result.ok) return undefined
  const { refusal } = result
  if (refusal.reason === 'token_rejected' && TOLD_ELSEWHERE.has(refusal.check)) return undefined
  return detailOf(refusal)
}

/** RFC 7662 §2.2: an answer may leave out who issued the token. */
function judgeIssuer(claims: JsonObject, { issuers }: Trusted, isAnswer: boolean): ClaimVerdict {
  const { iss } = claims
  const ok = (iss === undefined && isAnswer) || issuers.some(({ issuer }) => issuer === iss)
  return {
    claim: 'iss',
    ok,
    expected: issuers.map(({ issuer }) => issuer).join(' or '),
    got: displayValue(claims['iss']),
  }
}

function judgeAudience(claims: JsonObject, { audience }: Trusted, ok: boolean): ClaimVerdict {
  const expected = [...new Set(audience.map(canonicalAudience))].join(' or ')
  return { claim: 'aud', ok, expected, got: displayValue(claims['aud']) }
}

function judgeExpiry(claims: JsonObject, { leewaySeconds }: IssuerSettings, now: number): ClaimVerdict {
  const exp = claims['exp']
  const readable = typeof exp === 'number' && Number.isSafeInteger(exp) && exp > 0
  const lateBy = readable ? Math.floor(now / 1000) - exp : Number.POSITIVE_INFINITY
  const ok = lateBy <= leewaySeconds
  return {
    claim: 'exp',
    ok,
    expected: `after ${timeOf(now / 1000)}${lateBy > 0 && ok ? `, or ${leewaySeconds} s before (leeway)` : ''}`,
    got: readable ? timeOf(exp) : displayValue(exp),
  }
}

function timeOf(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000)
  return Number.isNaN(date.getTime()) ? `${epochSeconds}` : date.toISOString().replace(/\.\d+Z$/, 'Z')
}

function displayValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const CHECKS_BEFORE_CLAIMS: ReadonlySet<TokenCheck> = new Set(['shape', 'algorithm', 'key', 'signature'])

async function judgeSignature(
  presented: ExplainedToken,
  settings: IssuerSettings,
  { audience }: Trusted,
  now: number,
): Promise<SignatureVerdict> {
  if (presented.kind === 'claims') return { state: 'unchecked', detail: 'the claims came from a file' }
  if (presented.kind === 'opaque') return { state: 'unchecked', detail: 'the token is opaque' }
  if (presented.jws.claims['iss'] !== settings.issuer) {
    return { state: 'unchecked', detail: 'no trusted issuer to ask for its keys' }
  }
  if (settings.validation === 'introspection') {
    return { state: 'unchecked', detail: 'tokens of this issuer are introspected, and its answer decides' }
  }
  const httpClient = createHttpClient({ timeoutMs: ISSUER_TIMEOUT_MS, ca: settings.ca })
  const jwksUri = async () => {
    const metadata = await loadIssuerMetadata(askable(settings), httpClient)
    if (!metadata.ok) return metadata
    const uri = metadata.value.jwksUri
    return uri === undefined ? { ok: false as const, why: 'no jwks_uri' } : { ok: true as const, value: uri }
  }
  const keys = createKeySet({ issuer: settings.issuer, jwksUri, httpClient, clock: systemClock })
  const check = compileAudience(audience, settings.singleAudience)
  const options = { settings, audience: check, keys, turns: createSignatureTurns() }
  const { result } = await proveJwt(presented.jws, '', options, now)
  await httpClient.close()
  const verified: SignatureVerdict = { state: 'verified', detail: signedBy(settings) }
  if (result.ok) return verified
  const { refusal } = result
  if (refusal.reason === 'issuer_unreachable') return { state: 'unchecked', detail: refusal.detail }
  if (refusal.reason === 'token_rejected' && CHECKS_BEFORE_CLAIMS.has(refusal.check)) {
    return { state: 'refused', detail: refusal.detail }
  }
  if (refusal.reason === 'token_rejected' && refusal.check === 'type') {
    return { state: 'refused', detail: `its type: ${refusal.detail}` }
  }
  return verified
}

/** The embedded authorization server is the gateway itself: on loopback it may be asked over http. */
function askable(settings: IssuerSettings): IssuerSettings {
  return settings.embedded ? { ...settings, allowInsecureIssuer: true } : settings
}

function signedBy({ embedded }: IssuerSettings): string {
  const signed = 'a published key of the issuer signed it'
  return embedded
    ? `${signed}; whether it was revoked since, or its person disabled, only the gateway knows`
    : signed
}
