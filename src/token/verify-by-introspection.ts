// Proves a token by what its issuer says about it now (RFC 7662), alone or beside a JWT.
import type { Principal } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { VerdictCacheSettings } from '../core/settings-verifier.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { AudienceCheck } from './audience.ts'
import { firstClaim, holderIn, holderOf, readPrincipal } from './claims.ts'
import type { Issuer } from './issuer-contract.ts'
import { isJwtShaped, readJws } from './read-jws.ts'
import { ofHolder, reject } from './reject.ts'
import type { ProvedVerdict, TokenQuery, TokenVerdict } from './verdict.ts'
import { provedVerdict, refusedVerdict } from './verdict.ts'

/** What the issuer said, as a principal. */
export interface IntrospectedPrincipal {
  readonly principal: Principal
  /** False when the answer is silent about scopes, which is not the same as naming none. */
  readonly namesScopes: boolean
}

/** Asks once, without a cache. Returns the whole answer about an active token. */
export async function askIssuer(
  { credential, quotaKey, now }: TokenQuery,
  issuer: Issuer,
): Promise<Result<JsonObject>> {
  const { introspection } = issuer
  if (introspection === undefined) return reject('inactive', 'its issuer has no introspection here')
  const answer = await introspection.introspect(credential, quotaKey)
  return !answer.ok && isUnnamed(issuer, credential.token, answer, now) ? UNNAMED : answer
}

/** Asks once, without a cache, and reads the answer. */
export async function introspect(
  query: TokenQuery,
  issuer: Issuer,
  audience: AudienceCheck,
): Promise<Result<IntrospectedPrincipal>> {
  const { settings } = issuer
  const answer = await askIssuer(query, issuer)
  if (!answer.ok) return answer
  const optional = { issuer: true, audience: impliesAudience(settings) }
  const principal = readPrincipal(answer.value, { settings, audience, optional }, query.now)
  if (!principal.ok) return ofHolder(principal, holderIn(answer.value, settings))
  const namesScopes = firstClaim(answer.value, settings.claims.scopes) !== undefined
  return ok({ principal: principal.value, namesScopes })
}

/**
 * Keycloak calls such a token inactive from 26.6.2 on. The sentence names Keycloak in every such case, since metadata
 * do not tell the product.
 */
const UNNAMED = reject(
  'inactive',
  'not active, though its exp has not come: its aud does not name our client for introspection, which Keycloak needs',
)

/** Whether the inactive token is a JWT that has time left and does not name our client in `aud`. */
function isUnnamed({ settings }: Issuer, token: string, answer: Result<unknown>, now: number): boolean {
  const isInactive =
    !answer.ok && answer.refusal.reason === 'token_rejected' && answer.refusal.check === 'inactive'
  const jws = isInactive && isJwtShaped(token) ? readJws(token) : undefined
  if (!jws?.ok) return false
  const { aud, exp } = jws.value.claims
  const client = settings.introspection?.clientId
  return Number(exp) * 1_000 > now && client !== undefined && ![aud].flat().includes(client)
}

/** Proves a token in mode `introspection`, and every opaque token. */
export async function verifyByIntrospection(
  query: TokenQuery,
  issuer: Issuer,
  audience: AudienceCheck,
): Promise<TokenVerdict> {
  const answer = await introspect(query, issuer, audience)
  if (!answer.ok) return refusedVerdict(answer, keepMs(issuer, answer))
  return provedVerdict(answer.value.principal, issuer.settings.leewaySeconds, keepMs(issuer, answer))
}

/** Proves a token in mode `jwt_and_introspection`: its signature held, and the issuer must agree. */
export async function confirmByIntrospection(
  query: TokenQuery,
  signed: ProvedVerdict,
  issuer: Issuer,
  audience: AudienceCheck,
): Promise<TokenVerdict> {
  const answer = await introspect(query, issuer, audience)
  const { value } = signed.result
  const agreed = answer.ok ? intersectPrincipals(value, answer.value) : answer
  if (!agreed.ok) return refusedVerdict(ofHolder(agreed, holderOf(value)), keepMs(issuer, agreed))
  return provedVerdict(agreed.value, issuer.settings.leewaySeconds, keepMs(issuer, agreed), signed.stands)
}

/** Narrows the signed principal by what the issuer says now. Its scopes are those that both name. */
export function intersectPrincipals(
  proved: Principal,
  { principal: answer, namesScopes }: IntrospectedPrincipal,
) {
  if (answer.issuer !== proved.issuer || answer.subject !== proved.subject)
    return reject('agreement', 'introspection names another subject')
  if (differ(answer.clientId, proved.clientId))
    return reject('agreement', 'introspection names another client')
  if (differ(answer.boundKey, proved.boundKey)) return reject('agreement', 'introspection names another key')
  return ok<Principal>({
    ...proved,
    scopes: namesScopes
      ? new Set([...proved.scopes].filter((scope) => answer.scopes.has(scope)))
      : proved.scopes,
    expiresAt: Math.min(proved.expiresAt, answer.expiresAt),
    boundKey: proved.boundKey ?? answer.boundKey,
  })
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** Says how long answers of the source are kept. */
export function verdictCacheSettingsOf({
  verdictSource,
  introspection,
}: IssuerSettings): VerdictCacheSettings | undefined {
  return verdictSource ?? introspection
}

/** I02: whether the answer itself implies our audience, since its source answers for us alone. */
export function impliesAudience({ verdictSource, introspection }: IssuerSettings): boolean {
  switch (verdictSource?.kind) {
    case 'static_keys':
      return true // static keys stand in our own file
    case 'custom':
      return false
    case 'wacht':
      return verdictSource.principal === 'api_key' // a Wacht verdict is bound to its app instead
    default:
      return (verdictSource ?? introspection)?.audience === 'implied_by_endpoint'
  }
}

/** Errors are never kept, since they say nothing about the token. */
function keepMs({ settings }: Issuer, result: Result<unknown>): number {
  const { ttlSeconds = 0, negativeTtlSeconds = 0 } = verdictCacheSettingsOf(settings) ?? {}
  if (result.ok) return ttlSeconds * 1000
  return result.refusal.reason === 'issuer_unreachable' ? 0 : negativeTtlSeconds * 1000
}
