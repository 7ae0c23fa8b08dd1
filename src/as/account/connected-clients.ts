// When an earlier agreement is enough. Pure.
import { destinationOf } from '../pages/shown-text.ts'
import type { AccessRequest } from '../people.ts'
import type { Consent } from '../store/consents.ts'

/** A consent stands for a host: the port of a loopback address changes with every start of a program (RFC 8252 §7.3). */
export function redirectKey(redirectUri: string | undefined): string {
  if (redirectUri === undefined) return ''
  if (destinationOf(redirectUri).kind !== 'loopback') return redirectUri
  const url = new URL(redirectUri)
  url.port = ''
  return url.href
}

/** Scopes agreed to before, for exactly this client, redirect address and resource. */
export function agreedScopes(
  consents: readonly Consent[],
  request: AccessRequest,
): ReadonlySet<string> | undefined {
  const key = redirectKey(request.redirectUri)
  const found = consents.find(
    ({ clientId, redirectUri, resource }) =>
      clientId === request.clientId && redirectUri === key && resource === request.resource,
  )
  return found && new Set(found.scopes)
}

/**
 * Whether the consent page may be left out. A34: never for a redirect into this device, where any program may use this
 * client's name.
 */
export function isAgreed(consents: readonly Consent[], request: AccessRequest): boolean {
  const { redirectUri, scopes } = request
  if (redirectUri === undefined || destinationOf(redirectUri).kind !== 'site') return false
  const agreed = agreedScopes(consents, request)
  return agreed !== undefined && scopes.every((scope) => agreed.has(scope))
}
