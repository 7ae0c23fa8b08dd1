// Names that point at each other: issuers of routes, and names that may stand only once.
import type { Finding, Settings } from '../core/settings.ts'
import { didYouMean } from './suggest.ts'

type Path = Finding['path']

export function checkNames(settings: Settings): Finding[] {
  const findings = repeats(
    settings.routes.map((route) => route.name),
    (index) => ['routes', index, 'name'],
    'route name',
  )
  for (const [index, route] of settings.routes.entries()) {
    const at = (...rest: Path): Path => ['routes', index, ...rest]
    const rules = route.policy.rules.map((rule) => rule.name)
    findings.push(
      ...dangling(settings, route.issuers, at('issuers')),
      ...repeats(route.issuers, (position) => at('issuers', position), 'issuer'),
      ...repeats(rules, (position) => at('policy', 'rules', position, 'name'), 'rule name'),
    )
  }
  return findings
}

function dangling({ issuers }: Settings, names: readonly string[], path: Path): Finding[] {
  return names.flatMap((name, position): Finding[] => {
    if (issuers.has(name)) return []
    const message = `no issuer is named "${name}"${didYouMean(name, issuers.keys())}`
    return [{ severity: 'error', path: [...path, position], message }]
  })
}

function repeats(names: readonly string[], at: (position: number) => Path, what: string): Finding[] {
  return names.flatMap((name, position): Finding[] =>
    names.indexOf(name) === position
      ? []
      : [{ severity: 'error', path: at(position), message: `duplicate ${what} "${name}"` }],
  )
}
