// Registration requests (RFC 7591) and changes of a registration (RFC 7592), read and put right before oidc-provider
// stores them; and what the answer says of scopes.

import type Provider from 'oidc-provider'
import { networkOf } from '../../core/network.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { shareOf } from '../../core/shares.ts'
import { membersOf, parseJson } from '../../lib/json.ts'
import type { Resources } from '../contract.ts'
import type { OnEvent } from '../events.ts'
import type { Store, StoreClock } from '../store/store.ts'
import type { InnerRequest } from '../web/inner-request.ts'
import { authMethodOf, type ClientMetadata, NAMED_SCOPE, readClientMetadata } from './client-metadata.ts'
import { urlFault } from './public-address.ts'
import type { CurrentRequest } from './request-context.ts'
import { invalidRequest, type OAuthError } from './request-params.ts'

/** The share of one network. */
const SHARE = 0.25
const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i

/** The strongest first. */
const REGISTERED_METHODS = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none']

export interface RegistrationParts {
  readonly settings: Pick<AuthorizationServerSettings, 'registration'>
  readonly resources: Resources
  readonly transaction: Store['transaction']
  readonly clock: StoreClock
  readonly currentRequest: CurrentRequest
  readonly onEvent: OnEvent
}

export async function readRegistration(
  plain: InnerRequest,
  parts: RegistrationParts,
): Promise<InnerRequest | OAuthError> {
  if (plain.method !== 'POST' && plain.method !== 'PUT') return plain
  const { settings, resources } = parts
  const { clientIdMetadata, dynamic, redirectSchemes } = settings.registration
  if (!dynamic) return { status: 404, error: 'not_found', description: 'registration is off' }
  const sent = readObject(plain)
  if (sent === undefined) return invalidRequest('send a JSON object in UTF-8 as application/json')
  const read = readClientMetadata(
    { ...sent, token_endpoint_auth_method: authMethodOf(sent, REGISTERED_METHODS) },
    { resources, lenientGrants: false, redirectSchemes },
  )
  if (!read.ok) return { status: 400, error: read.error, description: read.description }
  const jwksUri = read.metadata['jwks_uri']
  if (jwksUri !== undefined && urlFault(String(jwksUri), clientIdMetadata) !== undefined)
    return { status: 400, error: 'invalid_client_metadata', description: 'jwks_uri cannot be fetched' } // A36
  if (plain.method === 'POST' && !(await makeRoom(parts)))
    return { status: 503, error: 'temporarily_unavailable', description: 'no more clients can register' } // A35
  const { client_id: clientId, client_secret: clientSecret, ...metadata } = read.metadata
  const managed = plain.method === 'PUT' ? { client_id: clientId, client_secret: clientSecret } : {}
  const body = Buffer.from(JSON.stringify({ ...metadata, ...managed }))
  return { ...plain, body, contentType: 'application/json' }
}

/** A client has this long for its first sign-in, where no network holds more than one. */
const SPARED_MS = 3_600_000
/** A network may hold at least this many, however few the file allows: a household has several programs. */
const SMALLEST_SHARE = 10

/**
 * A35, A69: a network holds at most a quarter of the clients without a grant; at its share it loses its own oldest.
 * When all places are taken, the network that holds the most loses one. Clients with a grant are never removed for
 * others.
 */
async function makeRoom({
  currentRequest,
  transaction,
  clock,
  settings,
  onEvent,
}: RegistrationParts): Promise<boolean> {
  const { maxClients } = settings.registration
  const network = networkOf(currentRequest.getStore()?.address ?? '')
  const removed: { readonly client: string; readonly detail: string }[] = []
  const hasRoom = await transaction(async ({ clients, clientHolders: holders }) => {
    removed.length = 0 // it may be run again
    const giveWay = async (client: string | undefined, detail: string): Promise<boolean> => {
      if (client === undefined || !(await clients.remove(client))) return false
      removed.push({ client, detail })
      return true
    }
    if ((await holders.heldBy(network)) >= shareOfClients(maxClients))
      await giveWay(await holders.oldestOf(network), 'its network holds its share')
    if ((await clients.countRegistered()) < maxClients) return true
    if (await giveWay(await holders.oldestOfLargest(), 'its network holds the most')) return true
    const idle = await clients.removeIdle(clock.now() - SPARED_MS)
    if (idle !== undefined) removed.push({ client: idle, detail: 'unused' })
    return idle !== undefined
  })
  for (const one of removed) onEvent({ event: 'client_removed', actor: 'server', ...one })
  return hasRoom
}

function shareOfClients(maxClients: number): number {
  return Math.max(SMALLEST_SHARE, shareOf(maxClients, SHARE))
}

function readObject({ contentType, body }: InnerRequest): ClientMetadata | undefined {
  if (contentType === undefined || !JSON_TYPE.test(contentType)) return undefined
  try {
    return membersOf(parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch {
    return undefined // not UTF-8
  }
}

/** RFC 7591 §3.2.1: the answer tells what was registered, under the names that clients know. */
export function tellScopes(provider: Provider): void {
  provider.use(async (context, next) => {
    await next()
    const body: unknown = context.body
    if (typeof body !== 'object' || body === null || !(NAMED_SCOPE in body)) return
    const { [NAMED_SCOPE]: scope, ...rest } = body as ClientMetadata
    context.body = { ...rest, scope }
  })
}
