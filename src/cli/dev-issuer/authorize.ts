// The authorization endpoint of the local development issuer. DEV ONLY: it shows no page and asks nobody; every
// well-formed request is approved at once as the one development user. A code leaves only to a loopback redirect.
import { isScopeToken } from '../../core/scopes.ts'
import { type DevClients, isRegisteredRedirect } from './clients.ts'
import { repeatedParameter, singleParameter } from './form.ts'
import type { DevGrants, PendingCode } from './grants.ts'

/** RFC 7636 §4.2: the S256 challenge is 32 bytes in base64url. */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/

export type Authorization =
  /** Told on this page: client or redirect URI is not proved yet (A05, RFC 6749 §4.1.2.1). */
  | { readonly kind: 'refused'; readonly description: string }
  | { readonly kind: 'redirect'; readonly location: string }

export interface AuthorizeContext {
  readonly issuer: string
  readonly subject: string
  readonly clients: DevClients
  readonly grants: DevGrants
}

type ErrorParameters = { readonly error: string; readonly error_description: string }

/** `now` is epoch milliseconds. */
export function authorize(query: URLSearchParams, context: AuthorizeContext, now: number): Authorization {
  const client = context.clients.find(singleParameter(query, 'client_id') ?? '')
  if (client === undefined) return refused('unknown client_id; register again, a restart forgets clients')
  const redirectUri = singleParameter(query, 'redirect_uri')
  if (redirectUri === undefined || query.getAll('redirect_uri').length > 1) {
    return refused('exactly one redirect_uri is needed')
  }
  if (!isRegisteredRedirect(client, redirectUri)) return refused('redirect_uri is not registered')

  const answer = (parameters: Readonly<Record<string, string>>): Authorization => ({
    kind: 'redirect',
    location: withParameters(redirectUri, {
      ...parameters,
      state: query.get('state') ?? undefined,
      iss: context.issuer, // RFC 9207 §2, in errors too
    }),
  })
  const grant = readGrant(query, client.id, context.subject, redirectUri)
  if ('error' in grant) return answer(grant)
  if (!client.grants.includes('authorization_code')) {
    return answer({ error: 'unauthorized_client', error_description: 'not registered for this grant' })
  }
  return answer({ code: context.grants.codes.put(grant, now) })
}

function readGrant(
  query: URLSearchParams,
  clientId: string,
  subject: string,
  redirectUri: string,
): PendingCode | ErrorParameters {
  const repeated = repeatedParameter(query)
  if (repeated !== undefined) return invalid('invalid_request', `${repeated} is repeated`)
  if (singleParameter(query, 'response_type') !== 'code') {
    return invalid('unsupported_response_type', 'response_type must be code')
  }
  const codeChallenge = query.get('code_challenge') ?? ''
  // OAuth 2.1 §7.5.2, A07, A08: PKCE always, S256 only.
  if (!S256_CHALLENGE.test(codeChallenge) || query.get('code_challenge_method') !== 'S256') {
    return invalid('invalid_request', 'code_challenge with code_challenge_method=S256 is needed')
  }
  const scopes = readScopes(query)
  if (scopes === undefined) return invalid('invalid_scope', 'scope is malformed')
  const resource = readResource(query)
  if (resource === undefined) return invalid('invalid_target', RESOURCE_NEEDED)
  return { clientId, subject, scopes, resource, redirectUri, codeChallenge }
}

export const RESOURCE_NEEDED = 'exactly one absolute resource without a fragment is needed (RFC 8707)'

/** RFC 8707 §2: an absolute URI without a fragment; this issuer wants exactly one. */
export function readResource(form: URLSearchParams): string | undefined {
  const [resource, ...others] = form.getAll('resource')
  if (resource === undefined || others.length > 0 || resource.includes('#')) return undefined
  return URL.canParse(resource) ? resource : undefined
}

/** Requested scopes without repeats. Lenient about spaces, because real clients send `scope=` and double spaces. */
export function readScopes(form: URLSearchParams): string[] | undefined {
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  return scopes.every(isScopeToken) ? [...new Set(scopes)] : undefined
}

function withParameters(
  redirectUri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url.href
}

function refused(description: string): Authorization {
  return { kind: 'refused', description }
}

function invalid(error: string, description: string): ErrorParameters {
  return { error, error_description: description }
}
