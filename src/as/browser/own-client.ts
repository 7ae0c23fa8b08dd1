// The gateway as an OAuth client of an authorization server, for people in browsers: authorization code with PKCE,
// state, nonce and iss (G1). Ends with an access token for one resource, and with nothing else.
import * as client from 'openid-client'
import { authorizationUrl, outcomeOf, ProviderAnswerError, prepare, redeem } from '../sign-in/code-flow.ts'
import type { Line } from '../sign-in/line.ts'
import type { Outcome, Pending } from '../sign-in/provider.ts'

/** RFC 8707: what the token is for. */
export interface Wanted {
  readonly resource: string
  readonly scopes: readonly string[]
}

export interface Got {
  readonly token: string
  readonly subject: string
  /** Epoch seconds: when the person proved who they are. */
  readonly provedAt: number
  /** Of the token, from now. */
  readonly lifeSeconds: number
}

export interface OwnClient {
  begin(wanted: Wanted, pending: Pending): Promise<Outcome<string>>
  finish(wanted: Wanted, callback: URL, pending: Pending): Promise<Outcome<Got>>
}

export interface OwnClientOptions {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly line: Line
}

/** A token without a stated life is not believed for long. */
const DEFAULT_LIFE_SECONDS = 300

export function createOwnClient(options: OwnClientOptions): OwnClient {
  const { issuer, clientId, redirectUri, line } = options
  const insecure = issuer.startsWith('http:')
  const discover = async () => {
    const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
      [client.customFetch]: (url, request) => line.ask(url, request),
      ...(insecure ? { execute: [client.allowInsecureRequests] } : {}),
    })
    return prepare(config, line, insecure)
  }
  return {
    begin: ({ resource, scopes }, pending) =>
      outcomeOf(async () =>
        authorizationUrl(await discover(), pending, {
          redirect_uri: redirectUri,
          scope: ['openid', ...scopes].join(' '),
          resource,
          nonce: pending.nonce,
        }),
      ),
    finish: ({ resource }, callback, pending) =>
      outcomeOf(async () => {
        const tokens = await redeem(await discover(), callback, pending, true, { resource })
        const { sub: subject, iat, auth_time: provedAt = iat } = tokens.claims() ?? {}
        if (subject === undefined || subject === '' || provedAt === undefined)
          throw new ProviderAnswerError('no subject')
        const lifeSeconds = tokens.expires_in ?? DEFAULT_LIFE_SECONDS
        return { token: tokens.access_token, subject, provedAt, lifeSeconds }
      }),
  }
}
