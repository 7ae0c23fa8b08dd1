// The metadata of an OpenID Connect issuer elsewhere, with our client of it: asked for once by all who need it at the
// same time, and kept for a while. A failure is not kept.
import * as client from 'openid-client'
import type { Secret } from '../../core/secret.ts'
import { prepare } from './code-flow.ts'
import type { Line } from './line.ts'

/** Metadata is asked for again after this; keys are refreshed by openid-client when a new one signs. */
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

export function createDiscovery(options: DiscoveryOptions): () => Promise<client.Configuration> {
  const { now } = options
  let kept: { readonly config: Promise<client.Configuration>; readonly until: number } | undefined
  return () => {
    if (kept !== undefined && kept.until > now()) return kept.config
    const config = discoverOnce(options)
    kept = { config, until: now() + METADATA_MS }
    config.catch(() => {
      kept = undefined
    })
    return config
  }
}

async function discoverOnce(options: DiscoveryOptions): Promise<client.Configuration> {
  const { issuer, clientId, clientSecret, allowInsecureIssuer, line } = options
  const secret = clientSecret?.reveal()
  const config = await client.discovery(new URL(issuer), clientId, secret, authOf(secret), {
    [client.customFetch]: (url, request) => line.ask(url, request),
    ...(allowInsecureIssuer ? { execute: [client.allowInsecureRequests] } : {}),
  })
  return prepare(config, line, allowInsecureIssuer)
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
