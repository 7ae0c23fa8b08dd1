// How oidc-provider is set up: everything that is not OAuth 2.1 is off, and what is on is bound to our resources, our
// people and our storage. Every key whose default is open is closed here.

import {
  type Client,
  type Configuration,
  errors,
  type JWTStructured,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import { PATHS } from '../../core/authorization-paths.ts'
import { networkOf } from '../../core/network.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { deriveKey } from '../../lib/derived-key.ts'
import { CONSOLE_ROUTE, isConsoleClient } from '../console-client.ts'
import { SIGNING_ALGORITHM } from '../store/keys.ts'
import type { LiveState } from '../store/live.ts'
import { SIGN_IN_SECONDS } from '../store/login-sessions.ts'
import type { AddressLimits } from './address-limits.ts'
import { authMethodOf, type ClientMetadata, EXTRA_MEMBERS, readClientMetadata } from './client-metadata.ts'
import type { GuardedFetch } from './guarded-fetch.ts'
import { type InteractionParts, interactionHooks, pageFeatures } from './interaction-hooks.ts'
import { GRANT_CLAIM } from './jwt-handles.ts'
import { clientIdFault } from './public-address.ts'
import { OPENID_SCOPES, UNCHOSEN } from './resources.ts'
import { ASSERTION_ALGORITHMS, CLIENT_AUTH_METHODS, PROOF_ALGORITHMS } from './server-metadata.ts'
import { scopesOpenTo, type TokenScopeParts } from './token-scopes.ts'

const INTERACTION_SECONDS = 3_600
const DEVICE_CODE_SECONDS = 600
/** A person agrees again after a year, whatever was refreshed meanwhile. */
const GRANT_SECONDS = 365 * 86_400
/** A40: an assertion may not be for later. */
const MAX_ASSERTION_SECONDS = 600
const CLOCK_TOLERANCE_SECONDS = 5
const DOCUMENT_BYTES = 32 * 1024

export interface ConfigurationParts extends InteractionParts, TokenScopeParts {
  readonly issuer: string
  /** False on plain http of this machine only. */
  readonly secure: boolean
  readonly settings: AuthorizationServerSettings
  readonly adapter: NonNullable<Configuration['adapter']>
  readonly live: LiveState
  /** What keys of cookies are made of. */
  readonly secret: Buffer
  /** What nonces for DPoP proofs are made with; undefined where no client has one. */
  readonly nonceSecret: Buffer | undefined
  readonly network: GuardedFetch
  readonly addressLimits: AddressLimits
}

export function configurationOf(parts: ConfigurationParts): Configuration {
  const { settings, live } = parts
  return {
    adapter: parts.adapter,
    jwks: { keys: live.signingKeys().map(({ jwk }) => jwk) } as NonNullable<Configuration['jwks']>,
    features: featuresOf(parts),
    ...interactionHooks(parts),
    ...cookies(parts),
    ...tokens(settings),
    routes: {
      authorization: PATHS.authorization,
      token: PATHS.token,
      jwks: PATHS.jwks,
      registration: PATHS.registration,
      revocation: PATHS.revocation,
      introspection: PATHS.introspection,
      device_authorization: PATHS.deviceAuthorization,
      code_verification: PATHS.device,
      end_session: PATHS.endSession,
    },
    responseTypes: ['code'],
    pkce: { required: () => true }, // AS-01, A07
    scopes: [...OPENID_SCOPES],
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    enabledJWA: {
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
      idTokenSigningAlgValues: [SIGNING_ALGORITHM],
      dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
    },
    extraClientMetadata: {
      properties: [...EXTRA_MEMBERS],
      validator: (context, _name, _value, metadata) => endSecret(context, metadata, settings),
    },
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    allowOmittingSingleRegisteredRedirectUri: false, // A04
    clientBasedCORS: () => false, // oauth-answers.ts opened what is open; an opaque origin gets nothing (A52)
    assertJwtClientAuthClaimsAndHeader: (_context, claims) => assertAssertion(claims, parts.issuer),
    fetchResponseBodyLimits: { 'client_id metadata document': DOCUMENT_BYTES, jwks_uri: DOCUMENT_BYTES * 2 },
    fetch: (url, options) => fetchDocument(String(url), new Headers(options?.headers as never), parts),
  } as Configuration
}

/** RFC 7591 §3.2.1. oidc-provider gives secrets without an end, and takes what is written here as its own. */
function endSecret(
  context: unknown,
  metadata: { client_secret?: unknown; client_secret_expires_at?: unknown },
  { clientSecretTtlSeconds }: AuthorizationServerSettings,
): void {
  const isNew =
    context !== undefined && metadata.client_secret !== undefined && metadata.client_secret_expires_at === 0
  if (!isNew || clientSecretTtlSeconds === undefined) return
  metadata.client_secret_expires_at = Math.floor(Date.now() / 1_000) + clientSecretTtlSeconds
}

function featuresOf(parts: ConfigurationParts): NonNullable<Configuration['features']> {
  const { settings, resources } = parts
  const { clientIdMetadata, dynamic } = settings.registration
  return {
    ...pageFeatures(parts),
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (_c, client, token) => mayAsk(client, token, parts),
    },
    revocation: { enabled: true },
    // Clients keep nonces by origin, so one that a route gave is shown here: it must be answered with one of ours.
    dPoP: { enabled: true, nonceSecret: parts.nonceSecret },
    registration: { enabled: dynamic, initialAccessToken: false, issueRegistrationAccessToken: true },
    registrationManagement: { enabled: dynamic, rotateRegistrationAccessToken: false },
    clientIdMetadataDocument: {
      enabled: clientIdMetadata.enabled,
      ack: 'draft-02',
      allowFetch: (_context, id) => mayFetch(id, parts),
      cacheDuration: { min: 60, max: 86_400 }, // A32
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (_context, _client, several) => {
        if (several === undefined && resources.only !== undefined) return resources.only.resource
        throw new errors.InvalidTarget() // AS-05: several routes, or several resources
      },
      useGrantedResource: async () => true, // H10: inherited, since the grant is bound to it
      getResourceServerInfo: async (context, indicator, client) =>
        resourceServer(context, indicator, client.clientId, parts),
    },
  } as NonNullable<Configuration['features']>
}

/** Where a person may still choose. */
const ASKING: ReadonlySet<string> = new Set(['authorization', 'resume'])

async function resourceServer(
  context: KoaContextWithOIDC,
  indicator: string,
  clientId: string,
  parts: ConfigurationParts,
) {
  const { resources, settings } = parts
  if (indicator === UNCHOSEN && ASKING.has(context.oidc.route))
    return { audience: UNCHOSEN, scope: resources.scopes.join(' '), accessTokenFormat: 'jwt' as const }
  const route = resources.find(indicator)
  const asked = context.oidc.params?.['resource']
  const several = Array.isArray(asked) && asked.length > 1
  if (several || route === undefined || route.resource !== indicator) throw new errors.InvalidTarget()
  if ((route === CONSOLE_ROUTE) !== isConsoleClient(clientId)) throw new errors.InvalidTarget()
  return {
    audience: route.audience,
    scope: (await scopesOpenTo(context, clientId, route, parts)).join(' '),
    accessTokenTTL: settings.accessTokenTtlSeconds,
    accessTokenFormat: 'jwt' as const, // AS-10
    jwt: { sign: { alg: SIGNING_ALGORITHM } },
  }
}

/**
 * RFC 7662 §2.1: a server with a secret from the operator may ask about any token, another client only about its own.
 */
async function mayAsk(
  client: Client,
  token: { readonly clientId?: string | undefined },
  parts: ConfigurationParts,
): Promise<boolean> {
  if (token.clientId === client.clientId) return true
  return (
    client.clientAuthMethod !== 'none' && (await parts.clients.find(client.clientId))?.origin === 'operator'
  )
}

/** Also where a page of ours asks, when a document is over while a person reads. */
async function mayFetch(id: string, parts: ConfigurationParts): Promise<boolean> {
  const { clientIdMetadata } = parts.settings.registration
  if (clientIdFault(id, clientIdMetadata) !== undefined) return false
  const current = parts.currentRequest.getStore()
  if (current === undefined || current.documents.has(id)) return false
  current.documents.add(id)
  return (await parts.addressLimits.documents.take(current.address)) === undefined
}

/** Documents of clients are put right and cut down like registrations; key sets pass as they are. */
async function fetchDocument(url: string, headers: Headers, parts: ConfigurationParts): Promise<Response> {
  const network = networkOf(parts.currentRequest.getStore()?.address ?? '')
  const answer = await parts.network.fetch(url, headers, network)
  if (answer.status !== 200) return answer
  const document: unknown = await answer.json()
  // A document names its own URL. Anything else is a key set, which may have members of any name (RFC 7517 §5).
  const isClient =
    typeof document === 'object' && document !== null && 'client_id' in document && document.client_id === url
  return Response.json(isClient ? readDocument(document as ClientMetadata, parts) : document, {
    headers: { 'cache-control': answer.headers.get('cache-control') ?? '' },
  })
}

/** The strongest first; a secret has no place in a document (CIM-03). */
const DOCUMENT_METHODS = ['private_key_jwt', 'none']

function readDocument(document: ClientMetadata, { resources, settings }: ConfigurationParts): ClientMetadata {
  if (typeof document['client_name'] !== 'string') throw new Error('the document has no client_name') // CIM-02
  const secret = ['client_secret', 'client_secret_expires_at'].find((name) => name in document)
  if (secret !== undefined) throw new Error(`the document has a ${secret}`) // CIM-03
  const method = authMethodOf(document, DOCUMENT_METHODS) ?? 'none'
  const read = readClientMetadata(
    { ...document, token_endpoint_auth_method: method },
    { resources, lenientGrants: true, redirectSchemes: settings.registration.redirectSchemes },
  )
  if (!read.ok) throw new Error(read.description)
  return read.metadata
}

/** A40, RFC 7523 §3: for this server alone, and for now. A list might name another server too. */
function assertAssertion(claims: Readonly<Record<string, unknown>>, issuer: string): void {
  const { aud } = claims
  if (aud !== issuer && aud !== issuer + PATHS.token)
    throw new errors.InvalidClientAuth('aud must be the issuer, or the token endpoint, and nothing beside it')
  const lifeSeconds = Number(claims['exp']) - Date.now() / 1_000
  if (!(lifeSeconds <= MAX_ASSERTION_SECONDS))
    throw new errors.InvalidClientAuth('the assertion lives too long')
}

function tokens(settings: AuthorizationServerSettings): Configuration {
  return {
    ttl: {
      AccessToken: settings.accessTokenTtlSeconds,
      ClientCredentials: settings.accessTokenTtlSeconds,
      AuthorizationCode: settings.codeTtlSeconds,
      DeviceCode: DEVICE_CODE_SECONDS,
      IdToken: settings.accessTokenTtlSeconds,
      RefreshToken: settings.refreshTokenTtlSeconds,
      Interaction: INTERACTION_SECONDS,
      Session: SIGN_IN_SECONDS,
      Grant: GRANT_SECONDS,
    },
    rotateRefreshToken: true, // AS-04
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true, // H18: a replay ends the family, and giving a token back ends its grant
    formats: {
      customizers: {
        jwt: (_context, token, jwt) => nameGrant(token, jwt),
      },
    },
  }
}

/** Changes `jwt`, as oidc-provider asks of a customizer. */
function nameGrant(token: object, jwt: JWTStructured): void {
  if ('grantId' in token && token.grantId !== undefined) jwt.payload[GRANT_CLAIM] = token.grantId
}

/** A46: `__Host-` where the path is `/`; interaction cookies have one, which that prefix forbids. */
function cookies({ secret, secure }: ConfigurationParts): Configuration {
  const attributes = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const
  const key = deriveKey(secret, 'cookies').toString('base64url')
  return {
    cookies: {
      keys: [key],
      names: {
        session: secure ? '__Host-portcullis-session' : 'portcullis-session',
        interaction: secure ? '__Secure-portcullis-interaction' : 'portcullis-interaction',
        resume: secure ? '__Secure-portcullis-resume' : 'portcullis-resume',
      },
      long: attributes,
      short: attributes,
    },
  }
}
