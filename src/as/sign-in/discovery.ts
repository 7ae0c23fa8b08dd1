// The metadata of an OpenID Connect issuer elsewhere, with our client of it and its keys: asked for once by all who need it at the
// same time, and kept for a while. A failure is not kept.
import * as client from 'openid-client'
import type { Secret } from '../../core/secret.ts'
import { ProviderAnswerError, prepare } from './code-flow.ts'
import { createIdTokenKeys, type KnownIssuer } from './id-token.ts'
import type { Line } from './line.ts'

/** Metadata is asked for again after this. Keys have their own time, and are asked for when a new one signs. */
const METADATA_MS = 60 * 60_000

export interface DiscoveryOptions {
  readonly issuer: string
  readonly allowInsecureIssuer: boolean
  readonly clientId: string
  /** Undefined: a public client. */
  readonly clientSecret: Secret | undefined
  readonly line: Line
  readonly now: () => number
}

export function createDiscovery(options: DiscoveryOptions): () => Promise<KnownIssuer> {
  const { now } = options
  let kept: { readonly issuer: Promise<KnownIssuer>; readonly until: number } | undefined
  return () => {
    if (kept !== undefined && kept.until > now()) return kept.issuer
    const issuer = discoverOnce(options)
    kept = { issuer, until: now() + METADATA_MS }
    issuer.catch(() => {
      kept = undefined
    })
    return issuer
  }
}

async function discoverOnce(options: DiscoveryOptions): Promise<KnownIssuer> {
  const { issuer, clientId, clientSecret, allowInsecureIssuer, line, now } = options
  const secret = clientSecret?.reveal()
  const config = await client.discovery(new URL(issuer), clientId, secret, authOf(secret), {
    [client.customFetch]: (url, request) => line.ask(url, request),
    ...(allowInsecureIssuer ? { execute: [client.allowInsecureRequests] } : {}),
  })
  const { jwks_uri: jwksUri } = config.serverMetadata()
  if (jwksUri?.startsWith('https:') === false && !allowInsecureIssuer)
    throw new ProviderAnswerError('jwks_uri in its metadata is not https')
  return { config: prepare(config, line, allowInsecureIssuer), keys: createIdTokenKeys(jwksUri, line), now }
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
