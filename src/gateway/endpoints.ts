// The public paths of a route, and what each of them says about the route in its metadata and in its refusals.
import type { RouteSettings, Settings } from '../core/settings.ts'
import type { Endpoint, Route } from '../exchange/route.ts'
import type { DenialContext } from '../http/deny.ts'
import { metadataUrl, type ProtectedResource, pathForms } from '../http/metadata.ts'

// RFC 9449 §5.1: the algorithms that a proof may be signed with, most preferred first.
const DPOP_ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256']

export function remoteScopesOf(route: Route | undefined): Pick<ProtectedResource, 'remoteScopes'> {
  const remote = route?.remote
  return remote === undefined ? {} : { remoteScopes: remote.scopes }
}

export function protectedResource(
  route: RouteSettings,
  settings: Settings,
  origin: string,
): ProtectedResource {
  return {
    name: route.title ?? route.name,
    policyUri: settings.branding?.privacy,
    termsUri: settings.branding?.terms,
    origin,
    path: route.path,
    authorizationServers: route.issuers.flatMap((name) => {
      const issuer = settings.issuers.get(name)
      return issuer === undefined || issuer.verdictSource?.kind === 'static_keys' ? [] : issuer.issuer
    }),
    signInScopes: [...new Set([...route.scopes, ...(route.scopesSupported ?? [])])],
    dpopAlgorithms: route.dpop === 'off' ? [] : DPOP_ALGORITHMS,
    dpopRequired: route.dpop === 'require',
  }
}

/**
 * H34: the path with and without a trailing slash. Each form names the metadata of its own form. Nothing is served
 * below them.
 */
export function endpointsOf(
  route: Route,
  resource: ProtectedResource,
  { policy, errors }: RouteSettings,
): [string, Endpoint][] {
  const denialAt = (path: string, bodyCounts: boolean): DenialContext => ({
    resourceMetadata: metadataUrl(resource.origin, path),
    signInScopes: resource.signInScopes,
    dpopAlgorithms: resource.dpopAlgorithms,
    dpopRequired: resource.dpopRequired,
    bodyCounts,
    challenge: policy.challenge,
    errors,
  })
  const endpoints: [string, Endpoint][] = pathForms(route.path).map((path) => [
    path,
    { route, kind: 'endpoint', denial: denialAt(path, true) },
  ])
  if (route.transport === 'sse') {
    const denial = denialAt(route.path, false)
    endpoints.push([`${route.path}/messages`, { route, kind: 'messages', denial }])
  }
  return endpoints
}
