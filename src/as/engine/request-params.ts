// Parameters of OAuth requests, in query strings and forms: read strictly (A38), then put right where clients are
// known to write them loosely (AS-05, AS-08). Whatever is not understood goes on as it is, to be refused there.
import type { Resources } from '../contract.ts'
import { authorizedScopes, UNCHOSEN } from './resources.ts'

/** An OAuth error, RFC 6749 §5.2. */
export interface OAuthError {
  readonly status: number
  readonly error: string
  readonly description: string
}

const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:; *charset="?utf-8"? *)?$/i

/** The parameters of a form, or why they cannot be read. Repeated ones are left for the engine to refuse. */
export function readForm(contentType: string | undefined, body: Buffer): URLSearchParams | OAuthError {
  if (contentType === undefined || !FORM_TYPE.test(contentType))
    return invalidRequest('send application/x-www-form-urlencoded')
  const text = decode(body)
  if (text === undefined || !isWellEscaped(text)) return invalidRequest('the form cannot be read')
  return new URLSearchParams(text)
}

export function isOAuthError(value: object): value is OAuthError {
  return 'error' in value && 'status' in value
}

export function invalidRequest(description: string): OAuthError {
  return { status: 400, error: 'invalid_request', description }
}

function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined // not UTF-8
  }
}

function isWellEscaped(text: string): boolean {
  try {
    decodeURIComponent(text.replaceAll('+', ' '))
    return true
  } catch {
    return false // a stray % or bytes that are not UTF-8
  }
}

/**
 * Normalizes the parameters of an authorization or device authorization request.
 * @param mayChoose whether a page can ask for the resource
 */
export function normalizeAuthorization(
  params: URLSearchParams,
  resources: Resources,
  mayChoose: boolean,
): void {
  const route =
    normalizeResource(params, resources) ?? resources.only ?? resourceMeant(params, resources, mayChoose)
  const prompts = params.getAll('prompt')
  // The page where a person signs in is where they choose who they are (OIDC Core §3.1.2.1).
  if (prompts.length === 1)
    params.set('prompt', (prompts[0] as string).replace(/\bselect_account\b/, 'login'))
  if (params.getAll('scope').length > 1) return
  setScope(params, authorizedScopes(route, params.get('scope') ?? undefined, resources))
}

/** RFC 8707 §2.1: without a resource the scopes may tell; where they do not, the person does. */
function resourceMeant(params: URLSearchParams, resources: Resources, mayChoose: boolean) {
  if (params.get('resource') === UNCHOSEN) params.delete('resource') // a page begins the request again
  if (params.has('resource') || params.getAll('scope').length > 1) return undefined
  const [route, ...others] = resources.meantBy(params.get('scope') ?? undefined)
  if (others.length > 0 && mayChoose) params.set('resource', UNCHOSEN)
  if (route === undefined || others.length > 0) return undefined
  params.set('resource', route.resource)
  return route
}

/** Normalizes the parameters of a token request. */
export function normalizeTokenRequest(params: URLSearchParams, resources: Resources): void {
  const route = normalizeResource(params, resources)
  const scopes = params.getAll('scope')
  switch (params.get('grant_type')) {
    case 'refresh_token':
      // A18: what is known stays, to be compared with what was granted; nothing left means all of it
      if (scopes.length === 1) setScope(params, withoutBaseline(resources, scopes[0] as string))
      break
    case 'client_credentials':
      if (scopes.length < 2) setScope(params, resources.scopesFor(route ?? resources.only, scopes[0]))
      break
    default:
      params.delete('scope') // RFC 6749 §4.1.3 has none
  }
}

function withoutBaseline(resources: Resources, scope: string): readonly string[] {
  return scope.split(' ').filter((name) => resources.scopes.includes(name))
}

/** The route that is meant, when it is said once. */
function normalizeResource(params: URLSearchParams, resources: Resources) {
  const said = params.getAll('resource')
  if (said.length === 1 && said[0] === '') params.delete('resource')
  if (said.length !== 1) return undefined
  const route = resources.find(said[0] as string)
  if (route !== undefined) params.set('resource', route.resource)
  return route
}

function setScope(params: URLSearchParams, scopes: readonly string[]): void {
  if (scopes.length > 0) params.set('scope', scopes.join(' '))
  else params.delete('scope')
}
