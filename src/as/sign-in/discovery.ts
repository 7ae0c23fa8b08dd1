// The metadata of an OpenID Connect issuer elsewhere, with our client of it and its keys: asked for once by all who need it at the
// same time, and kept for a while. A failure is not kept.
import * as client from 'openid-client'
import type { PartStatus } from '../../core/route.ts'
import type { Secret } from '../../core/secret.ts'
import type { EndpointOverrides } from '../../core/settings-reach.ts'
import { causeOf, causesOf, ProviderAnswerError, prepareConfiguration } from './code-flow.ts'
import type { FetchClient } from './fetch-client.ts'
import { createIdTokenKeys, type KnownIssuer } from './id-token.ts'

/** Metadata is asked for again after this. Keys have their own time, and are asked for when a new one signs. */
const METADATA_MS = 60 * 60_000

export interface DiscoveryOptions {
  readonly issuer: string
  readonly allowInsecureIssuer: boolean
  readonly clientId: string
  /** Undefined: a public client. */
  readonly clientSecret: Secret | undefined
  readonly fetchClient: FetchClient
  readonly overrides?: EndpointOverrides | undefined
  readonly now: () => number
}

export interface Discovery {
  (): Promise<KnownIssuer>
  status(): Omit<PartStatus, 'name'>
}

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { now } = options
  let kept: { readonly issuer: Promise<KnownIssuer>; readonly until: number } | undefined
  let foundAt: number | undefined
  let lastError: string | undefined
  const discover = () => {
    if (kept !== undefined && kept.until > now()) return kept.issuer
    const issuer = discoverOnce(options)
    kept = { issuer, until: now() + METADATA_MS }
    issuer.then(
      () => {
        foundAt = now()
        lastError = undefined
      },
      (error: unknown) => {
        kept = undefined
        lastError = causeOf(error).detail
      },
    )
    return issuer
  }
  /** Asks again while it is unknown, since no sign-in may come until it is known. */
  const status = () => {
    if (kept === undefined) void discover().catch(() => undefined)
    const ageMs = foundAt === undefined ? undefined : now() - foundAt
    return { ready: foundAt !== undefined && lastError === undefined, ageMs, lastError }
  }
  return Object.assign(discover, { status })
}

async function discoverOnce(options: DiscoveryOptions): Promise<KnownIssuer> {
  const { issuer, clientId, clientSecret, allowInsecureIssuer, fetchClient, overrides, now } = options
  const secret = clientSecret?.reveal()
  const found = client.discovery(new URL(issuer), clientId, secret, authOf(secret), {
    [client.customFetch]: (url, request) => fetchClient.ask(overrides?.metadata ?? url, request),
    ...(allowInsecureIssuer ? { execute: [client.allowInsecureRequests] } : {}),
  })
  const config = await found.catch((error: unknown) => {
    throw namesAnother(error) ?? error
  })
  const reached = reaching(fetchClient, config.serverMetadata(), overrides)
  const jwksUri = overrides?.jwksUri ?? config.serverMetadata().jwks_uri
  if (jwksUri?.startsWith('https:') === false && !allowInsecureIssuer)
    throw new ProviderAnswerError('jwks_uri in its metadata is not https')
  return {
    config: prepareConfiguration(config, reached, allowInsecureIssuer),
    keys: createIdTokenKeys(jwksUri, fetchClient),
    now,
  }
}

/** RFC 8414 §3.3: the issuer inside must be the one of the file, byte for byte; a slash at the end is often too many. */
function namesAnother(error: unknown): ProviderAnswerError | undefined {
  const { attribute, body } = (causesOf(error).find((cause) => 'attribute' in cause) ?? {}) as {
    readonly attribute?: unknown
    readonly body?: { readonly issuer?: unknown }
  }
  if (attribute !== 'issuer' || typeof body?.issuer !== 'string') return undefined
  const named = body.issuer.slice(0, 200)
  return new ProviderAnswerError(`its metadata names \`${named}\`; write exactly that under \`issuer:\``)
}

/** The line with other addresses for some endpoints; what is said to the issuer stays the same. */
function reaching(
  fetchClient: FetchClient,
  { token_endpoint: token, userinfo_endpoint: userinfo }: client.ServerMetadata,
  { tokenEndpoint, userinfoEndpoint }: Partial<EndpointOverrides> = {},
): Pick<FetchClient, 'ask'> {
  const instead = new Map([
    [token, tokenEndpoint],
    [userinfo, userinfoEndpoint],
  ])
  return { ask: (url, request) => fetchClient.ask(instead.get(url) ?? url, request) }
}

/** RFC 8414 §2: `client_secret_basic` where nothing is said. */
function authOf(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None()
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const takesBasic = offered.includes('client_secret_basic') || !offered.includes('client_secret_post')
    return (takesBasic ? basic : post)(server, ...rest)
  }
}
