// What has to agree between issuers, their introspection and the routes that use them. Shapes are in
// schema-issuer.ts; nothing is asked over the network here.

import type {
  Finding,
  IntrospectionSettings,
  IssuerSettings,
  RouteSettings,
  Settings,
} from '../core/settings.ts'
import { isLoopback } from '../lib/loopback.ts'

type Path = Finding['path']
type Fault = (path: Path, message: string) => Finding

const error: Fault = (path, message) => ({ severity: 'error', path, message })
const warning: Fault = (path, message) => ({ severity: 'warning', path, message })

export function checkIssuers(settings: Settings): Finding[] {
  const issuers = [...settings.issuers.values()]
  const asked = askedByRules(settings.routes)
  return [
    ...issuers.flatMap((issuer) => [
      ...insecure(issuer),
      ...introspectionUse(issuer, asked),
      ...(issuer.introspection ? clientProof(issuer.name, issuer.introspection) : []),
    ]),
    ...settings.routes.flatMap((route, index) => [
      ...checkCombination(settings, route, index),
      ...activeRules(settings, route, index),
    ]),
  ]
}

/** Y21, I30; OAuth 2.1 §1.5: plain http only where nobody stands between. */
function insecure(settings: IssuerSettings): Finding[] {
  const { name, issuer, allowInsecureIssuer, introspection, embedded, verdictSource, overrides } = settings
  // check-exposure.ts checks public_url, which the embedded issuer takes; static keys have no issuer on the network.
  if (embedded || verdictSource?.kind === 'static_keys') return []
  const doubtful: (readonly [string, string])[] = [['issuer', issuer]]
  if (introspection?.endpoint !== undefined) doubtful.push(['introspection.endpoint', introspection.endpoint])
  for (const url of Object.values(overrides ?? {})) if (url !== undefined) doubtful.push(['overrides', url])
  return doubtful.flatMap(([keys, text]) => {
    const url = new URL(text)
    if (url.protocol === 'https:') return []
    const path = ['issuers', name, ...keys.split('.')]
    if (!isLoopback(url.hostname))
      return [error(path, 'plain http is only for an issuer on this machine; use https')]
    return allowInsecureIssuer
      ? []
      : [error(path, 'plain http needs allow_insecure_issuer: true, or use https')]
  })
}

/** Names of the issuers that some rule asks whether a token is still active. */
function askedByRules(routes: readonly RouteSettings[]): ReadonlySet<string> {
  const asking = routes.filter(({ policy }) => policy.rules.some(({ requireActive }) => requireActive))
  return new Set(asking.flatMap(({ issuers }) => issuers))
}

function introspectionUse(issuer: IssuerSettings, asked: ReadonlySet<string>): Finding[] {
  const { name, validation, introspection, verdictSource } = issuer
  if (verdictSource !== undefined) return []
  if (validation !== 'jwt') {
    return introspection
      ? []
      : [error(['issuers', name, 'validation'], `${validation} needs an introspection block`)]
  }
  if (!introspection) return []
  const message =
    'nothing uses this block: validation is jwt and no rule has require_active; remove it, or choose jwt_else_introspection'
  return asked.has(name) ? [] : [error(['issuers', name, 'introspection'], message)]
}

/** RFC 6749 §2.3: the proof that `auth` asks for, and no other. */
function clientProof(name: string, settings: IntrospectionSettings): Finding[] {
  const { auth, clientSecret, clientSecretNext, privateKey } = settings
  const at = (...keys: string[]): Path => ['issuers', name, 'introspection', ...keys]
  if (auth === 'private_key_jwt') {
    return [
      ...(privateKey ? [] : [error(at(), 'auth private_key_jwt needs private_key')]),
      ...(clientSecret ? [error(at('client_secret'), 'auth private_key_jwt uses no client_secret')] : []),
      ...(clientSecretNext
        ? [error(at('client_secret_next'), 'auth private_key_jwt uses no client_secret_next')]
        : []),
    ]
  }
  return [
    ...(clientSecret ? [] : [error(at(), `auth ${auth} needs client_secret`)]),
    ...(privateKey
      ? [error(at('private_key'), `auth ${auth} uses no private_key; did you mean auth: private_key_jwt?`)]
      : []),
  ]
}

function takesOpaque(issuer: IssuerSettings): boolean {
  return issuer.validation === 'introspection' || issuer.validation === 'jwt_else_introspection'
}

function checkCombination(settings: Settings, route: RouteSettings, index: number): Finding[] {
  const findings: Finding[] = []
  const seen = new Set<IssuerSettings>()
  const byUrl = new Map<string, IssuerSettings>()
  let opaque: IssuerSettings | undefined
  for (const [position, name] of route.issuers.entries()) {
    const issuer = settings.issuers.get(name)
    if (issuer === undefined || seen.has(issuer)) continue
    const path = ['routes', index, 'issuers', position]
    const twin = byUrl.get(issuer.issuer)
    if (twin) findings.push(error(path, `"${name}" and "${twin.name}" are the same issuer; keep one`))
    // I15: an opaque token does not tell its issuer, and asking both would show it to the wrong one.
    if (takesOpaque(issuer)) {
      const message = `"${opaque?.name}" takes opaque tokens on this route already; only one issuer of a route may`
      if (opaque !== undefined) findings.push(error(path, message))
      opaque ??= issuer
    }
    seen.add(issuer)
    if (twin === undefined) byUrl.set(issuer.issuer, issuer)
  }
  // J55: identity is issuer and subject together.
  if (seen.size > 1) {
    const message =
      'two issuers may use the same subject for two people; the upstream has to read x-mcp-issuer too'
    findings.push(warning(['routes', index, 'issuers'], message))
  }
  return findings
}

/** A rule with `require_active` needs an issuer that can be asked (docs/decisions.md, 5). */
function activeRules(settings: Settings, route: RouteSettings, index: number): Finding[] {
  const unable = route.issuers.every((name) => {
    const issuer = settings.issuers.get(name)
    return issuer?.introspection === undefined && !issuer?.embedded && issuer?.verdictSource === undefined
  })
  if (!unable || route.issuers.some((name) => !settings.issuers.has(name))) return []
  return route.policy.rules.flatMap((rule, position) => {
    const path = ['routes', index, 'policy', 'rules', position, 'require_active']
    const message = 'require_active needs an issuer of this route with an introspection block'
    return rule.requireActive ? [error(path, message)] : []
  })
}
