// What others can reach: plain http, administration from other machines, looser choices that an operator should see at
// every start. Findings here are about safety, not about form.

import { type Address, type Finding, isProgram, type RouteSettings, type Settings } from '../core/settings.ts'
import { isLoopback } from '../lib/loopback.ts'
import { parseRange } from './hosts.ts'

type Path = Finding['path']

const error = (path: Path, message: string): Finding => ({ severity: 'error', path, message })
const warning = (path: Path, message: string): Finding => ({ severity: 'warning', path, message })

export function checkExposure(settings: Settings): Finding[] {
  return [
    ...publicUrl(settings),
    ...admin(settings),
    ...proxies(settings),
    ...settings.routes.flatMap((route, index) => [
      ...upstream(route, ['routes', index]),
      ...baseline(route, ['routes', index]),
      ...looser(route, ['routes', index]),
    ]),
  ]
}

/** OAuth 2.1 §1.5: tokens travel over TLS, except inside one machine. */
function publicUrl(settings: Settings): Finding[] {
  const url = new URL(settings.publicUrl)
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return []
  return [error(['public_url'], 'plain http is only for this machine; use https, clients send tokens there')]
}

/** K08 */
function admin({ admin, listen }: Settings): Finding[] {
  const findings: Finding[] = []
  const isOpen = admin.token === undefined && admin.tokens.length === 0 && admin.people === undefined
  if (!isLoopback(admin.listen.host) && isOpen) {
    findings.push(
      error(['admin', 'listen'], 'this address is not of this machine alone, so admin needs a token'),
    )
  }
  const url = admin.publicUrl === undefined ? undefined : new URL(admin.publicUrl)
  if (url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    findings.push(
      error(
        ['admin', 'public_url'],
        'plain http is only for this machine; use https, operators sign in there',
      ),
    )
  }
  if (admin.listen.port !== 0 && isSame(admin.listen, listen)) {
    findings.push(error(['admin', 'listen'], 'the gateway listens there already; choose another port'))
  }
  return findings
}

function isSame(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port
}

/** Y24 */
function proxies({ trustedProxies }: Settings): Finding[] {
  return trustedProxies.flatMap((range, position) =>
    parseRange(range)?.bits === 0
      ? [
          warning(
            ['trusted_proxies', position],
            'this trusts X-Forwarded-For of everyone; name your own proxies',
          ),
        ]
      : [],
  )
}

function upstream({ upstream }: RouteSettings, at: Path): Finding[] {
  if (isProgram(upstream)) return []
  const { protocol, hostname } = new URL(upstream.url)
  if (protocol === 'https:' || isLoopback(hostname)) return []
  return [
    warning(
      [...at, 'upstream'],
      'plain http beyond this machine: whoever is between sees calls and identities',
    ),
  ]
}

/** PRM-11: `offline_access` is between client and issuer; a resource never asks for it. */
function baseline({ scopes }: RouteSettings, at: Path): Finding[] {
  const position = scopes.indexOf('offline_access')
  if (position === -1) return []
  return [error([...at, 'scopes', position], 'offline_access is no scope of a resource; remove it')]
}

/** Choices that are written on purpose, and shown at every start (Y14, Y15). */
function looser(route: RouteSettings, at: Path): Finding[] {
  const findings: Finding[] = []
  if (route.policy.default === 'allow') {
    findings.push(
      warning([...at, 'policy', 'default'], 'whatever no rule speaks of is allowed with the baseline'),
    )
  }
  if (route.policy.mode === 'observe') {
    const message = 'this policy is only observed: what its rules refuse is let through'
    findings.push(warning([...at, 'policy', 'mode'], message))
  }
  if (route.policy.anonymous.length > 0) {
    findings.push(
      warning([...at, 'policy', 'anonymous'], 'these methods are open to everyone without a token'),
    )
  }
  if (route.upstreamAuth.some(({ mode }) => mode === 'forward_token')) {
    const message = 'the upstream receives the tokens of callers; it must check that they are meant for it'
    findings.push(warning([...at, 'upstream_auth'], message))
  }
  return findings
}
