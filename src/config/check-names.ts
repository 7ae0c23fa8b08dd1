// Names that point at each other: issuers of routes, and names that may stand only once.
import type { Finding, RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import { didYouMean, hintsFrom } from './suggest.ts'

type Path = Finding['path']

export function checkNames(settings: Settings): Finding[] {
  const findings = repeats(
    settings.routes.map((route) => route.name),
    (index) => ['routes', index, 'name'],
    'route name',
  )
  const hintFor = hintsFrom(settings.issuers)
  for (const [index, route] of settings.routes.entries()) {
    const at = (...rest: Path): Path => ['routes', index, ...rest]
    const rules = route.policy.rules.map((rule) => rule.name)
    findings.push(
      ...dangling(settings, route.issuers, at('issuers'), hintFor),
      ...repeats(route.issuers, (position) => at('issuers', position), 'issuer'),
      ...route.policy.rules.flatMap((rule, position) =>
        strangers(settings, route, rule, at('policy', 'rules', position)),
      ),
      ...route.tests.flatMap(({ who }, position) =>
        foreign(route, who?.issuer === undefined ? [] : [who.issuer], () =>
          at('tests', position, 'who', 'issuer'),
        ),
      ),
      ...repeats(rules, (position) => at('policy', 'rules', position, 'name'), 'rule name'),
    )
  }
  return findings
}

function dangling(
  { issuers }: Settings,
  names: readonly string[],
  path: Path,
  hintFor: (name: string) => string,
): Finding[] {
  return names.flatMap((name, position): Finding[] => {
    if (issuers.has(name)) return []
    const message = `no issuer is named "${name}"${hintFor(name)}`
    return [{ severity: 'error', path: [...path, position], message }]
  })
}

/** Issuers of a `who` must be trusted by the route; where several are, a subject alone is not an identity. */
function strangers(
  settings: Settings,
  route: RouteSettings,
  { who, effect }: RuleSettings,
  path: Path,
): Finding[] {
  const findings = foreign(route, who?.issuers ?? [], (position) => [...path, 'who', 'issuers', position])
  const trusted = route.issuers.filter((issuer) => settings.issuers.has(issuer))
  if (effect === 'deny' || who?.subjects === undefined || who.issuers !== undefined || trusted.length < 2)
    return findings
  const message = 'the same subject of another issuer is somebody else; add `issuers` to this `who`'
  return [...findings, { severity: 'warning', path: [...path, 'who', 'subjects'], message }]
}

function foreign(route: RouteSettings, names: readonly string[], at: (position: number) => Path): Finding[] {
  return names.flatMap((name, position): Finding[] => {
    if (route.issuers.includes(name)) return []
    const message = `the route trusts no issuer named "${name}"${didYouMean(name, route.issuers)}`
    return [{ severity: 'error', path: at(position), message }]
  })
}

function repeats(names: readonly string[], at: (position: number) => Path, what: string): Finding[] {
  const seen = new Set<string>()
  return names.flatMap((name, position): Finding[] => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [{ severity: 'error', path: at(position), message: `duplicate ${what} "${name}"` }]
  })
}
