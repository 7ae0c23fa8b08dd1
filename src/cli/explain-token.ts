// A token, or bare claims, told claim by claim for `portcullis explain`: what each should be, what it is, and whether
// the signature holds. The verdict itself comes from token/, so what is told is what happens.
import type { Principal } from '../core/principal.ts'
import type { Refusal, TokenCheck } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import { createLine } from '../token/ask.ts'
import { canonicalAudience, compileAudience } from '../token/audience.ts'
import { readPrincipal } from '../token/claims.ts'
import { systemClock } from '../token/clock.ts'
import type { JsonObject } from '../token/json.ts'
import { createKeySet } from '../token/jwks.ts'
import type { Jws } from '../token/jws.ts'
import { proveJwt } from '../token/jwt.ts'
import { loadMetadata } from '../token/metadata.ts'

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

export interface TokenVerdict {
  readonly signature: SignatureVerdict
  readonly claims: readonly ClaimVerdict[]
  /** What is wrong beside the claims above, such as a missing subject. */
  readonly fault: string | undefined
  /** Who it would be if issuer, audience and times were right; undefined when nobody can be made out. */
  readonly principal: Principal | undefined
}

/** A parsed token with its text, or claims alone. */
export type Presented =
  | { readonly kind: 'token'; readonly token: string; readonly jws: Jws }
  | { readonly kind: 'claims'; readonly claims: JsonObject }

export interface Trusted {
  readonly issuers: readonly [IssuerSettings, ...IssuerSettings[]]
  readonly audience: readonly string[]
}

/** `now` is epoch milliseconds. */
export async function judgeToken(presented: Presented, trusted: Trusted, now: number): Promise<TokenVerdict> {
  const claims = presented.kind === 'token' ? presented.jws.claims : presented.claims
  const settings = trusted.issuers.find(({ issuer }) => issuer === claims['iss']) ?? trusted.issuers[0]
  const rules = {
    settings,
    audience: compileAudience(trusted.audience, settings.singleAudience),
    optional: { issuer: false, audience: false },
  }
  const mended = { ...claims, ...mendedMembers(claims, settings, trusted, now) }
  const known = readPrincipal(mended, rules, now)
  return {
    signature: await judgeSignature(presented, settings, trusted, now),
    claims: [
      judgeIssuer(claims, trusted),
      judgeAudience(claims, trusted, rules.audience(claims['aud']) === undefined),
      judgeExpiry(claims, settings, now),
    ],
    fault: known.ok ? timesFault(readPrincipal(claims, rules, now)) : detailOf(known.refusal),
    principal: known.ok ? known.value : undefined,
  }
}

/** Issuer, audience and times as they should be: each is told on its own line, so here they must not hide the rest. */
function mendedMembers(
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

/** Faults in the times that no claim line tells: not valid yet, too long a life. */
function timesFault(result: ReturnType<typeof readPrincipal>): string | undefined {
  if (result.ok) return undefined
  const { refusal } = result
  if (refusal.reason === 'token_rejected' && TOLD_ELSEWHERE.has(refusal.check)) return undefined
  return detailOf(refusal)
}

function detailOf(refusal: Refusal): string {
  return 'detail' in refusal ? refusal.detail : refusal.reason
}

function judgeIssuer(claims: JsonObject, { issuers }: Trusted): ClaimVerdict {
  const ok = issuers.some(({ issuer }) => issuer === claims['iss'])
  return {
    claim: 'iss',
    ok,
    expected: issuers.map(({ issuer }) => issuer).join(' or '),
    got: told(claims['iss']),
  }
}

function judgeAudience(claims: JsonObject, { audience }: Trusted, ok: boolean): ClaimVerdict {
  const expected = [...new Set(audience.map(canonicalAudience))].join(' or ')
  return { claim: 'aud', ok, expected, got: told(claims['aud']) }
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
    got: readable ? timeOf(exp) : told(exp),
  }
}

function timeOf(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000)
  return Number.isNaN(date.getTime()) ? `${epochSeconds}` : date.toISOString().replace(/\.\d+Z$/, 'Z')
}

function told(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const CHECKS_BEFORE_CLAIMS: ReadonlySet<TokenCheck> = new Set(['shape', 'algorithm', 'key', 'signature'])

async function judgeSignature(
  presented: Presented,
  settings: IssuerSettings,
  { audience }: Trusted,
  now: number,
): Promise<SignatureVerdict> {
  if (presented.kind === 'claims') return { state: 'unchecked', detail: 'the claims came from a file' }
  if (presented.jws.claims['iss'] !== settings.issuer) {
    return { state: 'unchecked', detail: 'no trusted issuer to ask for its keys' }
  }
  if (settings.validation === 'introspection') {
    return { state: 'unchecked', detail: 'tokens of this issuer are introspected, and its answer decides' }
  }
  const line = createLine(ISSUER_TIMEOUT_MS, settings.ca)
  const jwksUri = async () => {
    const metadata = await loadMetadata(askable(settings), line)
    if (!metadata.ok) return metadata
    const uri = metadata.value.jwksUri
    return uri === undefined ? { ok: false as const, why: 'no jwks_uri' } : { ok: true as const, value: uri }
  }
  const keys = createKeySet({ issuer: settings.issuer, jwksUri, line, clock: systemClock })
  const options = { settings, audience: compileAudience(audience, settings.singleAudience), keys }
  const { result } = await proveJwt(presented.token, presented.jws, options, now)
  await line.close()
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
