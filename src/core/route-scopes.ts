// Every scope that a route names, wherever it names it. A pure function of the settings.
import { scopesNamed } from './scopes.ts'
import type { RouteSettings } from './settings.ts'

type Naming = Pick<RouteSettings, 'scopes' | 'scopesSupported' | 'policy'>

export function scopesOfRoute({ scopes, scopesSupported = [], policy }: Naming): readonly string[] {
  const ofRules = policy.rules.flatMap((rule) => (rule.scopes === undefined ? [] : scopesNamed(rule.scopes)))
  const ofMethods = [...policy.methods.values()].flatMap(scopesNamed)
  return [...new Set([...scopes, ...scopesSupported, ...ofRules, ...ofMethods])]
}
