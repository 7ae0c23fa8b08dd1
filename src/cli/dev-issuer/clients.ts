// The clients of the local development issuer: dynamic registration (RFC 7591), which redirect URIs it accepts,
// and how a client proves itself at the token endpoint. In memory only; a restart forgets everybody.

import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { hasMembers } from '../../lib/json.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'
import { singleParameter } from './form.ts'

const MAX_CLIENTS = 1000
const MAX_REDIRECT_URIS = 10

export type AuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post'
export const AUTH_METHODS: readonly AuthMethod[] = ['none', 'client_secret_basic', 'client_secret_post']

export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials'
export const GRANT_TYPES: readonly GrantType[] = ['authorization_code', 'refresh_token', 'client_credentials']

export interface DevClient {
  readonly id: string
  readonly secret: string | undefined
  readonly authMethod: AuthMethod
  readonly redirectUris: readonly string[]
  readonly grants: readonly GrantType[]
}

/** A client that is always there, for curl and for the gateway's own introspection. Not a secret: dev only. */
export const STANDING_CLIENT: DevClient = {
  id: 'portcullis',
  secret: 'dev-only',
  authMethod: 'client_secret_basic',
  redirectUris: [],
  grants: ['client_credentials'],
}

export type Registration =
  | { readonly ok: true; readonly client: DevClient }
  | {
      readonly ok: false
      readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata'
      readonly description: string
    }

export interface DevClients {
  find(id: string): DevClient | undefined
  /** RFC 7591 §2. Unknown members are ignored. */
  register(metadata: unknown): Registration
  /** Undefined when the credentials are missing, doubled or wrong (A39). */
  authenticate(authorization: string | undefined, form: URLSearchParams): DevClient | undefined
}

export function createDevClients(): DevClients {
  const registered = new LRUCache<string, DevClient>({ max: MAX_CLIENTS })
  const find = (id: string) => (id === STANDING_CLIENT.id ? STANDING_CLIENT : registered.get(id))
  return {
    find,
    register(metadata) {
      const registration = readRegistration(metadata)
      if (registration.ok) registered.set(registration.client.id, registration.client)
      return registration
    },
    authenticate(authorization, form) {
      const presented = readCredentials(authorization, form)
      if (presented === undefined) return undefined
      const client = find(presented.id)
      if (client === undefined) return undefined
      return provesItself(client, presented) ? client : undefined
    },
  }
}

function readRegistration(metadata: unknown): Registration {
  if (!hasMembers(metadata)) {
    return { ok: false, error: 'invalid_client_metadata', description: 'the body is not a JSON object' }
  }
  const authMethod = metadata['token_endpoint_auth_method'] ?? 'client_secret_basic'
  if (!isOneOf(AUTH_METHODS, authMethod)) {
    return { ok: false, error: 'invalid_client_metadata', description: 'token_endpoint_auth_method' }
  }
  const grants = metadata['grant_types'] ?? ['authorization_code']
  if (!Array.isArray(grants) || !grants.every((grant) => isOneOf(GRANT_TYPES, grant))) {
    return { ok: false, error: 'invalid_client_metadata', description: 'grant_types' }
  }
  const redirectUris = metadata['redirect_uris'] ?? []
  if (!isRedirectList(redirectUris) || (redirectUris.length === 0 && grants.includes('authorization_code'))) {
    return {
      ok: false,
      error: 'invalid_redirect_uri',
      description: 'this development issuer needs 1 to 10 redirect_uris, all http on a loopback host',
    }
  }
  const secret = authMethod === 'none' ? undefined : randomBytes(32).toString('base64url')
  return { ok: true, client: { id: randomUUID(), secret, authMethod, redirectUris, grants } }
}

function isRedirectList(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length > MAX_REDIRECT_URIS) return false
  return value.every((uri) => typeof uri === 'string' && isLoopbackRedirect(uri))
}

// A03, RFC 8252 §7.3: nothing but http on this machine, so an approval without a page cannot leave it.
function isLoopbackRedirect(uri: string): boolean {
  const url = URL.parse(uri)
  if (url === null || url.protocol !== 'http:' || url.hash !== '' || url.username + url.password !== '') {
    return false
  }
  return isLoopbackHost(url.hostname)
}

/** `hostname` as URL gives it: lower case, IPv6 in brackets. */
/** Exact, except for the port of a loopback host (A01, A02, OAuth 2.1 §2.3.1). */
export function isRegisteredRedirect(client: DevClient, uri: string): boolean {
  if (!isLoopbackRedirect(uri)) return false
  return client.redirectUris.some((known) => withoutPort(known) === withoutPort(uri))
}

function withoutPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:\[[^\]]*\]|[^:/?#]*)):\d+/i, '$1')
}

interface Presented {
  readonly id: string
  readonly secret: string | undefined
  readonly method: AuthMethod
}

function readCredentials(authorization: string | undefined, form: URLSearchParams): Presented | undefined {
  const id = singleParameter(form, 'client_id')
  const secret = singleParameter(form, 'client_secret')
  if (authorization === undefined) {
    if (id === undefined) return undefined
    return { id, secret, method: secret === undefined ? 'none' : 'client_secret_post' }
  }
  const basic = readBasic(authorization)
  if (basic === undefined || secret !== undefined) return undefined
  return id === undefined || id === basic.id ? basic : undefined
}

// RFC 6749 §2.3.1: id and secret are form-encoded inside Basic.
function readBasic(authorization: string): Presented | undefined {
  const match = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)
  const pair = /^([^:]*):(.*)$/s.exec(Buffer.from(match?.[1] ?? '', 'base64').toString())
  if (pair === null) return undefined
  try {
    const decode = (text = '') => decodeURIComponent(text.replaceAll('+', ' '))
    return { id: decode(pair[1]), secret: decode(pair[2]), method: 'client_secret_basic' }
  } catch {
    return undefined
  }
}

function provesItself(client: DevClient, { method, secret }: Presented): boolean {
  if (client.secret === undefined) return method === 'none'
  return secret !== undefined && timingSafeEqual(digest(client.secret), digest(secret))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function isOneOf<T>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value)
}
