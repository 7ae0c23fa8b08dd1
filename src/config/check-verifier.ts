// What has to agree around `verifier: wacht`, `http` and `static_keys`. Shapes are in schema-verifier.ts.

import { scopesNamed } from '../core/scopes.ts'
import type { Finding, IssuerSettings, RouteSettings, Settings } from '../core/settings.ts'
import type { StaticKeysSettings, VerdictSource } from '../core/settings-verifier.ts'
import { isLoopback } from '../lib/loopback.ts'

type Path = Finding['path']
const error = (path: Path, message: string): Finding => ({ severity: 'error', path, message })

export function checkVerifierSettings(settings: Settings): Finding[] {
  return [
    ...[...settings.issuers.values()].flatMap((issuer) =>
      issuer.verdictSource === undefined ? [] : findingsOf(issuer.name, issuer.verdictSource),
    ),
    ...settings.routes.flatMap((route, index) => [
      ...permissionWords(settings, route, index),
      ...nobodyToAsk(settings, route, index),
    ]),
  ]
}

function findingsOf(name: string, verdictSource: VerdictSource): Finding[] {
  switch (verdictSource.kind) {
    case 'wacht':
      return [
        ...insecure(['issuers', name, 'gateway_url'], verdictSource.gatewayUrl),
        ...expressions(['issuers', name, 'required_permissions'], verdictSource.requiredPermissions ?? []),
        ...(verdictSource.principal === 'api_key' && verdictSource.app === undefined
          ? [
              error(
                ['issuers', name, 'principal'],
                'api_key needs app: nothing else binds a key to this gateway',
              ),
            ]
          : []),
      ]
    case 'http':
      return insecure(['issuers', name, 'endpoint'], verdictSource.endpoint)
    case 'custom':
      return []
    case 'static_keys':
      return twins(name, verdictSource)
  }
}

const NO_PROGRAM =
  'custom is for a program that embeds the gateway and brings the function (docs/library.md); the command has none'

/** For whoever has no functions to bring. */
export function refuseCustomVerifiers({ issuers }: Settings): Finding[] {
  const custom = [...issuers.values()].filter(({ verdictSource }) => verdictSource?.kind === 'custom')
  return custom.map(({ name }) => error(['issuers', name, 'verifier'], NO_PROGRAM))
}

/** Tokens travel there: OAuth 2.1 §1.5. */
function insecure(path: Path, url: string): Finding[] {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || isLoopback(hostname)) return []
  return [error(path, 'plain http is only for a verifier on this machine; use https')]
}

function twins(name: string, { keys }: StaticKeysSettings): Finding[] {
  const seen = new Set<string>()
  return keys.flatMap(({ sha256 }, index) => {
    const isTwin = seen.has(sha256)
    seen.add(sha256)
    const message = 'the same key stands above; make one for each holder'
    return isTwin ? [error(['issuers', name, 'keys', index, 'hash'], message)] : []
  })
}

/** C3, T-48: what a permission checker of Wacht would take for an operator or a bracket. */
const EXPRESSION = /^(?:AND|OR|true|false)$|[(),]/

const AS_EXPRESSION = 'Wacht reads this as an expression, not as a permission; use plain names'

function expressions(path: Path, names: readonly string[]): Finding[] {
  return names.flatMap((name, index) =>
    EXPRESSION.test(name) ? [error([...path, index], AS_EXPRESSION)] : [],
  )
}

function permissionWords(settings: Settings, route: RouteSettings, index: number): Finding[] {
  if (!route.issuers.some((name) => judgeOf(settings, name)?.kind === 'wacht')) return []
  const inBaseline = expressions(['routes', index, 'scopes'], route.scopes)
  const inRules = route.policy.rules.flatMap((rule, position) => {
    const named = rule.scopes === undefined ? [] : scopesNamed(rule.scopes)
    const path = ['routes', index, 'policy', 'rules', position, 'scopes']
    return named.some((scope) => EXPRESSION.test(scope)) ? [error(path, AS_EXPRESSION)] : []
  })
  return [...inBaseline, ...inRules]
}

/** META-06 needs an issuer with metadata. */
function nobodyToAsk(settings: Settings, route: RouteSettings, index: number): Finding[] {
  const [first = ''] = route.issuers
  if (!route.legacyDiscovery || judgeOf(settings, first)?.kind !== 'static_keys') return []
  return [
    error(['routes', index, 'legacy_discovery'], 'static keys have no authorization server to discover'),
  ]
}

function judgeOf(settings: Settings, name: string): IssuerSettings['verdictSource'] {
  return settings.issuers.get(name)?.verdictSource
}
