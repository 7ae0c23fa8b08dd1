// Registration requests (RFC 7591) and changes of a registration (RFC 7592), read and put right before oidc-provider
// stores them; and what the answer says of scopes.
import type Provider from 'oidc-provider'
import { type Metadata, NAMED_SCOPE, readClientMetadata } from './client-metadata.ts'
import { type Fault, invalid } from './forms.ts'
import type { InnerRequest } from './inner-request.ts'
import type { EngineParts } from './parts.ts'
import { urlFault } from './public-address.ts'

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i

export function readRegistration(plain: InnerRequest, parts: EngineParts): InnerRequest | Fault {
  if (plain.method !== 'POST' && plain.method !== 'PUT') return plain
  const { clients, settings, resources } = parts
  const { maxClients, clientIdMetadata, dynamic } = settings.registration
  if (!dynamic) return { status: 404, error: 'not_found', description: 'registration is off' }
  const sent = readObject(plain)
  if (sent === undefined) return invalid('send a JSON object in UTF-8 as application/json')
  const read = readClientMetadata(sent, { resources, lenientGrants: false })
  if (!read.ok) return { status: 400, error: read.error, description: read.description }
  const jwksUri = read.metadata['jwks_uri']
  if (jwksUri !== undefined && urlFault(String(jwksUri), clientIdMetadata) !== undefined)
    return { status: 400, error: 'invalid_client_metadata', description: 'jwks_uri cannot be fetched' } // A36
  if (plain.method === 'POST' && clients.countRegistered() >= maxClients && !makeRoom(parts))
    return { status: 503, error: 'temporarily_unavailable', description: 'no more clients can register' } // A35
  const { client_id: clientId, client_secret: clientSecret, ...metadata } = read.metadata
  const managed = plain.method === 'PUT' ? { client_id: clientId, client_secret: clientSecret } : {}
  const body = Buffer.from(JSON.stringify({ ...metadata, ...managed }))
  return { ...plain, body, contentType: 'application/json' }
}

/** So long a client has for its first sign-in, whoever else registers meanwhile. */
const SPARED_MS = 3_600_000

/** A35: who registers clients that nobody ever uses shuts nobody out, but themselves. */
function makeRoom({ clients, store, onEvent }: EngineParts): boolean {
  const client = clients.removeIdle(store.clock.now() - SPARED_MS)
  if (client === undefined) return false
  onEvent({ event: 'client_removed', actor: 'server', client, detail: 'unused' })
  return true
}

function readObject({ contentType, body }: InnerRequest): Metadata | undefined {
  if (contentType === undefined || !JSON_TYPE.test(contentType)) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Metadata)
      : undefined
  } catch {
    return undefined // not UTF-8, or not JSON
  }
}

/** RFC 7591 §3.2.1: the answer tells what was registered, under the names that clients know. */
export function tellScopes(provider: Provider): void {
  provider.use(async (context, next) => {
    await next()
    const body: unknown = context.body
    if (typeof body !== 'object' || body === null || !(NAMED_SCOPE in body)) return
    const { [NAMED_SCOPE]: scope, ...rest } = body as Metadata
    context.body = { ...rest, scope }
  })
}
