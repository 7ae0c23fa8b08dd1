// What a person may be given: `grants:` of the file. Pure.
import type { ScopeGrant } from '../../core/settings-as.ts'
import { verifiedDomain } from '../sign-in/allow.ts'
import type { Person } from '../store/users.ts'

/** About the person, not about a tool: everybody who may sign in may say who they are, and stay connected. */
const IDENTITY_SCOPES = new Set(['openid', 'profile', 'email', 'offline_access'])

/** Returns those of `scopes` that the person may be given, in the same order. */
export function entitledScopes(
  grants: readonly ScopeGrant[] | undefined,
  person: Person,
  scopes: readonly string[],
): readonly string[] {
  if (grants === undefined) return scopes
  const given = new Set(grants.filter(({ who }) => fits(who, person)).flatMap((grant) => grant.scopes))
  return scopes.filter((scope) => given.has(scope) || IDENTITY_SCOPES.has(scope))
}

/** Whether a request for tools would be answered with none; who somebody is, is not what was asked for. */
export function hasLostAll(asked: readonly string[], left: readonly string[]): boolean {
  const isOfTools = (scope: string) => !IDENTITY_SCOPES.has(scope)
  return asked.some(isOfTools) && !left.some(isOfTools)
}

function fits(who: ScopeGrant['who'], person: Person): boolean {
  if (who.subjects.some((subject) => subject === '*' || subject === person.subject)) return true
  const { provider, groups } = person
  const counts = who.providers.length === 0 || (provider !== undefined && who.providers.includes(provider))
  const domain = verifiedDomain(person)
  const isOf = who.domains.some((allowed) => allowed.toLowerCase() === domain)
  return counts && (isOf || who.groups.some((group) => groups.includes(group)))
}
