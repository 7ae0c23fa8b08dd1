// Which resource a client means (RFC 8707), and which scopes it may ask for there. Clients write resources loosely;
// the tokens name them exactly.
import { isScopeToken } from '../../core/scopes.ts'
import { CONSOLE_RESOURCE, CONSOLE_ROUTE } from '../console-client.ts'
import type { ProtectedRoute, Resources } from '../contract.ts'

/** Stands for the resource of an authorization until its person has chosen one: never in a grant, a code or a token. */
export const UNCHOSEN = 'urn:portcullis:resource-to-choose'

/** The scopes of OpenID Connect, which belong to no resource. */
export const OPENID_SCOPES: readonly string[] = ['openid', 'offline_access']

export function createResources(routes: readonly ProtectedRoute[]): Resources {
  const byForm = new Map(routes.map((route) => [formOf(route.resource), route]))
  const only = routes.length === 1 ? routes[0] : undefined
  const everywhere = new Set(routes.flatMap(({ scopes }) => scopes))
  return {
    only,
    scopes: [...everywhere],
    find(indicator) {
      if (indicator === CONSOLE_RESOURCE) return CONSOLE_ROUTE
      const form = formOf(indicator)
      if (form === undefined) return undefined
      const exact = byForm.get(form)
      if (exact !== undefined || only === undefined) return exact
      return formOf(new URL(only.resource).origin) === form ? only : undefined
    },
    meantBy(scope) {
      const named = [...new Set((scope ?? '').split(' '))].filter((name) => everywhere.has(name))
      const ofAll = routes.filter(({ scopes }) => named.every((name) => scopes.includes(name)))
      const ofOne = routes.filter(({ scopes }) => named.some((name) => scopes.includes(name)))
      return ofAll.length > 0 ? ofAll : ofOne
    },
    scopesFor(route, scope) {
      const known = route === undefined ? everywhere : new Set(route.scopes)
      const asked = [...new Set((scope ?? '').split(' '))].filter(isScopeToken)
      const named = asked.filter((name) => known.has(name))
      const openid = asked.filter((name) => OPENID_SCOPES.includes(name))
      return [...(named.length > 0 ? named : (route?.baseline ?? [])), ...openid]
    },
  }
}

/**
 * What a person is asked for. Of a server without a baseline, a client that names no scope asks who the person is:
 * oidc-provider refuses an authorization without any scope.
 */
export function authorizedScopes(
  route: ProtectedRoute | undefined,
  scope: string | undefined,
  { scopesFor }: Pick<Resources, 'scopesFor'>,
): readonly string[] {
  const scopes = scopesFor(route, scope)
  return scopes.length === 0 && route !== undefined ? ['openid'] : scopes
}

/** Undefined unless it is an http(s) URL that may be a resource (RFC 8707 §2). */
function formOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || /[?#\\]/.test(text) || url.username !== '' || url.password !== '') return undefined
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  return url.href.replace(/\/$/, '')
}
