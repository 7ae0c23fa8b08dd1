// Claims → Principal, in the same way for a JWT payload and for an introspection answer. It checks every claim about
// the token. That the claims are genuine was proved before.
import { principalKey } from '../core/caller.ts'
import { claimAt } from '../core/claim-path.ts'
import type { Principal } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import { ok, refuse } from '../core/refusal.ts'
import { isScopeToken, parseScope } from '../core/scopes.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { Json, JsonObject } from '../lib/strict-json.ts'
import { isJsonObject } from '../lib/strict-json.ts'
import type { AudienceCheck } from './audience.ts'
import { misdirected, type NamedHolder, reject } from './reject.ts'
import { isExpired, timeFault } from './times.ts'
import { payloadKindFault } from './token-kind.ts'

export interface ClaimRules {
  readonly settings: IssuerSettings
  readonly audience: AudienceCheck
  /** RFC 7662 §2.2 makes `iss` and, for some issuers, `aud` optional in an answer; a JWT must carry both. */
  readonly optional: { readonly issuer: boolean; readonly audience: boolean }
}

const MAX_NAME_LENGTH = 1024
const MAX_LIST_LENGTH = 500

/** @param now epoch milliseconds */
export function readPrincipal(claims: JsonObject, rules: ClaimRules, now: number): Result<Principal> {
  const { settings, optional } = rules
  const { leewaySeconds, maxLifetimeSeconds } = settings
  const nowSeconds = now / 1000
  const kind = payloadKindFault(claims)
  if (kind !== undefined) return reject('type', kind)
  const { iss, aud } = claims
  if (iss === undefined ? !optional.issuer : iss !== settings.issuer)
    return reject('issuer', 'issued by somebody else') // J15–J17, I05
  const foreign = aud === undefined && optional.audience ? undefined : rules.audience.faultOf(aud)
  if (foreign !== undefined) return misdirected(foreign, aud, rules.audience.wanted)
  const untimely = timeFault(claims, { nowSeconds, leewaySeconds, maxLifetimeSeconds })
  if (untimely !== undefined) return untimely
  const bound = readBoundKey(claims)
  if (!bound.ok) return bound
  const identity = readIdentity(claims, settings, bound.value)
  if (!identity.ok) return identity
  const { expiresAt, scopes } = identity.value
  if (!isExpired(expiresAt, nowSeconds, leewaySeconds)) return identity
  const detail = 'expired'
  return refuse({ reason: 'token_rejected', check: 'expiry', detail, expiredScopes: [...scopes].sort() })
}

/** Whom claims name that were refused and are genuine. */
export function holderIn(claims: JsonObject, { issuer, claims: names }: IssuerSettings): NamedHolder {
  const isBound = claims['cnf'] !== undefined || isDpop(claims)
  const [subject, client] = [firstClaim(claims, names.subject), firstClaim(claims, names.client)]
  return { issuer, subject, client, isBound }
}

/** The same for a principal, whose token was refused afterwards. */
export function holderOf({ issuer, subject, clientId, boundKey }: Principal): NamedHolder {
  return { issuer, subject, client: clientId, isBound: boundKey !== undefined }
}

function isDpop({ token_type: type }: JsonObject): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'dpop'
}

/** Who the claims are about, whatever they are worth: also of an ID token, whose issuer names people in the same way. */
export function readIdentity(
  claims: JsonObject,
  { issuer, claims: names, allowedScopes }: IssuerSettings,
  boundKey: string | undefined,
): Result<Principal> {
  const subject = firstClaim(claims, names.subject)
  if (!isName(subject)) return reject('subject', 'no usable subject') // J58, I35
  const clientId = firstClaim(claims, names.client)
  if (clientId !== undefined && !isName(clientId)) return reject('claims', 'the client is not a usable name')
  const scopes = readScopes(firstClaim(claims, names.scopes))
  if (scopes === undefined) return reject('claims', 'the scopes are not RFC 6749 scope tokens')
  const rolesClaim = firstClaim(claims, names.roles)
  const roles = readStrings(rolesClaim)
  if (roles === undefined) return reject('claims', 'the roles are not strings')
  return ok({
    issuer,
    subject,
    key: principalKey(issuer, subject),
    clientId,
    scopes: new Set(allowedScopes ? scopes.filter((scope) => allowedScopes.has(scope)) : scopes), // J56
    roles: rolesClaim === undefined ? undefined : roles,
    expiresAt: claims['exp'] as number,
    boundKey,
    claims,
  })
}

/** Returns the value of the first of these claims that is present. */
export function firstClaim(claims: JsonObject, names: readonly string[]): Json | undefined {
  for (const name of names) {
    const value = claimAt(claims, name) as Json | undefined
    if (value !== undefined) return value
  }
  return undefined
}

/** RFC 7800 §3.1 and the IANA registry of confirmation methods: each of them says that a proof is needed. */
const CONFIRMATIONS = ['jwk', 'jwe', 'kid', 'jku', 'x5t#S256', 'osc', 'jkt']

/**
 * RFC 7800 §3.1: a token with `cnf` needs a proof. Only a DPoP key is understood (RFC 9449 §6.1). Any other registered
 * member is refused; unregistered ones are ignored (Keycloak sends `kc-jkt-type`).
 */
function readBoundKey(claims: JsonObject): Result<string | undefined> {
  const { cnf } = claims
  if (cnf === undefined)
    return isDpop(claims) ? reject('binding', 'a DPoP token that names no key') : ok(undefined)
  const named = isJsonObject(cnf) ? CONFIRMATIONS.filter((name) => Object.hasOwn(cnf, name)) : []
  const jkt = isJsonObject(cnf) && named.length === 1 ? cnf['jkt'] : undefined
  if (typeof jkt !== 'string' || !/^[\w-]{43}$/.test(jkt))
    return reject('binding', 'bound in a way that cannot be proved here') // x5t#S256: J64, J65
  return ok(jkt)
}

/** J61: a string of scope tokens with single spaces, or an array of scope tokens; absent means none (TOK-13). */
function readScopes(value: Json | undefined): readonly string[] | undefined {
  if (typeof value === 'string') return capped(parseScope(value))
  const list = readStrings(value)
  return list?.every(isScopeToken) ? list : undefined
}

function readStrings(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined) return []
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list)) return undefined
  return capped(list.every((item): item is string => typeof item === 'string') ? list : undefined)
}

function capped(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length > MAX_LIST_LENGTH ? undefined : list
}

/** Whether it can be a subject or client id: text that is not blank and not too long. */
function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME_LENGTH
}
