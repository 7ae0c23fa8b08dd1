// Public paths: each belongs to one route, and none to the gateway itself. Audiences that look like typing errors are
// warned about here too, since the path is part of the resource.
import { isAtApprovalPages } from '../core/approval-page.ts'
import { isClaimed, isClaimedByBrowser } from '../core/authorization-paths.ts'
import type { Finding, RouteSettings, Settings } from '../core/settings.ts'

/** Answered by the gateway itself, on this port or on the administration port. */
const OWN_PATHS = ['/healthz', '/readyz', '/readyz/shutdown', '/metrics']
const WELL_KNOWN = '/.well-known'

export function checkPaths(settings: Settings): Finding[] {
  const taken = new Map<string, string>()
  const embeds = [...settings.issuers.values()].some((issuer) => issuer.embedded)
  const signsIn = settings.routes.some((route) => route.browser !== undefined)
  const holdsBack = settings.routes.some(({ policy }) =>
    policy.rules.some(({ effect }) => effect === 'approve'),
  )
  return settings.routes.flatMap((route, index) => [
    ...(embeds ? claims(route, index, isClaimed, 'the embedded authorization server answers') : []),
    ...(signsIn && !embeds ? claims(route, index, isClaimedByBrowser, 'sign-in with a browser is') : []),
    ...(holdsBack
      ? claims(route, index, isAtApprovalPages, 'how a call that waits for approval stands is')
      : []),
    ...collisions(route, index, taken),
    ...doubtfulPath(route, index),
    ...doubtfulAudience(settings, route, index),
  ])
}

/** docs/decisions.md, 18 and 36: the authorization server answers at the root, sign-in with a browser below /auth, approvals below /approvals. */
function claims(
  route: RouteSettings,
  index: number,
  isTaken: (path: string) => boolean,
  what: string,
): Finding[] {
  const path = ['routes', index, 'path']
  const message = `${what} at ${route.path}; choose another path`
  return isTaken(route.path) ? [{ severity: 'error', path, message }] : []
}

/** A route answers at its path; with transport sse also where the messages go. */
function claimed(route: RouteSettings): string[] {
  return route.upstream.transport === 'sse' ? [route.path, `${route.path}/messages`] : [route.path]
}

function collisions(route: RouteSettings, index: number, taken: Map<string, string>): Finding[] {
  const path = ['routes', index, 'path']
  if (isOwn(route.path)) {
    return [
      {
        severity: 'error',
        path,
        message: `the gateway itself answers at ${route.path}; choose another path`,
      },
    ]
  }
  const findings: Finding[] = []
  for (const claim of claimed(route)) {
    const owner = taken.get(claim)
    if (owner === undefined) taken.set(claim, route.name)
    else
      findings.push({
        severity: 'error',
        path,
        message: `duplicate path: route "${owner}" already answers at ${claim}`,
      })
  }
  return findings
}

function isOwn(path: string): boolean {
  return OWN_PATHS.includes(path) || path === WELL_KNOWN || path.startsWith(`${WELL_KNOWN}/`)
}

/** N-07: clients add a slash to a resource without a path, and then the names no longer agree. */
function doubtfulPath(route: RouteSettings, index: number): Finding[] {
  if (route.path !== '/') return []
  const message = 'a resource without a path confuses clients that add a slash to it; use a path such as /mcp'
  return [{ severity: 'warning', path: ['routes', index, 'path'], message }]
}

/** Y19: a mismatch of `aud` is the most common mistake. */
function doubtfulAudience(settings: Settings, route: RouteSettings, index: number): Finding[] {
  const resource = settings.publicUrl + route.path
  return (route.audience ?? []).flatMap((audience, position): Finding[] => {
    if (audience === resource || !isSameHost(audience, settings.publicUrl)) return []
    const path = ['routes', index, 'audience', position]
    return [
      {
        severity: 'warning',
        path,
        message: `this audience is not the resource of this route, which is ${resource}`,
      },
    ]
  })
}

function isSameHost(audience: string, publicUrl: string): boolean {
  return URL.canParse(audience) && new URL(audience).hostname === new URL(publicUrl).hostname
}
