// Which scopes may stand in a token, decided anew each time one is made: what the file says now (`grants:`, the scopes
// of the route), and of that never more than was granted. oidc-provider takes the common part.

import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ProtectedRoute } from '../contract.ts'
import type { People } from '../people.ts'
import type { Clients } from '../store/clients.ts'
import { NAMED_SCOPE } from './client-metadata.ts'

export interface TokenScopeParts {
  readonly clients: Clients
  readonly people: () => People
}

/** Scopes of the route. Throws when none of what was granted is left. */
export async function scopesOpenTo(
  context: KoaContextWithOIDC,
  clientId: string,
  route: ProtectedRoute,
  parts: TokenScopeParts,
): Promise<readonly string[]> {
  const { oidc } = context
  if (oidc.route !== 'token') return route.scopes
  return oidc.params?.['grant_type'] === 'client_credentials'
    ? await scopesOfProgram(clientId, route, parts)
    : await scopesOfPerson(context, route, parts)
}

/** A program that acts for itself gets what the operator gave it, or the baseline; nobody consents for it. */
async function scopesOfProgram(
  clientId: string,
  { scopes, baseline }: ProtectedRoute,
  { clients }: TokenScopeParts,
): Promise<readonly string[]> {
  const given = (await clients.find(clientId))?.metadata[NAMED_SCOPE]
  const open = typeof given === 'string' ? given.split(' ') : baseline
  return scopes.filter((scope) => open.includes(scope))
}

/**
 * RFC 6749 §6, A18: a refresh gives no more than was granted, and less when the person may have less by now. Nothing
 * is used up by a refusal, so the same refresh token works again once the person may have the scopes again.
 */
async function scopesOfPerson(
  { oidc }: KoaContextWithOIDC,
  { resource, scopes }: ProtectedRoute,
  { people }: TokenScopeParts,
): Promise<readonly string[]> {
  const { Grant: grant, Account: account } = oidc.entities
  if (grant === undefined || account === undefined) throw new errors.InvalidGrant('nobody granted this')
  const isRefresh = oidc.params?.['grant_type'] === 'refresh_token'
  if (isRefresh && !(await people().isStillKnown(account.accountId)))
    throw new errors.InvalidGrant('the provider does not know the person any more')
  const allowed = new Set(await people().allowedScopes(account.accountId, scopes))
  const granted = grant.getResourceScope(resource).split(' ').filter(Boolean)
  const left = granted.filter((scope) => allowed.has(scope))
  if (granted.length > 0 && left.length === 0) throw new errors.InvalidGrant('nothing is left of this grant')
  const asked = [...oidc.requestParamScopes].filter((scope) => granted.includes(scope))
  if (asked.length > 0 && !asked.some((scope) => allowed.has(scope)))
    throw new errors.InvalidScope('the person may not be given this any more', asked.join(' '))
  return left
}
