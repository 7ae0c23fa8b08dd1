// Every scope that a route names, wherever it names it. A pure function of the settings.
import { scopesNamed } from './scopes.ts'
import type { RouteSettings } from './settings.ts'

type Naming = Pick<RouteSettings, 'scopes' | 'scopesSupported' | 'policy'>

export function scopesOfRoute({ scopes, scopesSupported = [], policy }: Naming): readonly string[] {
  const ofRules = policy.rules.flatMap((rule) => (rule.scopes === undefined ? [] : scopesNamed(rule.scopes)))
  const ofMethods = [...policy.methods.values()].flatMap(scopesNamed)
  return [...new Set([...scopes, ...scopesSupported, ...ofRules, ...ofMethods])]
}

/** Scopes of OpenID Connect (Core §5.4, §11): a list of these alone says nothing about a resource. */
const OWN = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/**
 * The scopes that no issuer lists, neither by name nor through a scope that implies them. Empty when one of the issuers
 * lists no scope of a resource, since it may know them all.
 */
export function scopesUnlisted(
  route: Naming,
  listed: readonly (readonly string[] | undefined)[],
  imply: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  if (listed.some((scopes) => scopes === undefined || scopes.every((scope) => OWN.has(scope)))) return []
  const known = new Set(listed.flatMap((scopes) => scopes ?? []))
  for (const scope of known) for (const contained of imply.get(scope) ?? []) known.add(contained)
  return scopesOfRoute(route).filter((scope) => !known.has(scope))
}
