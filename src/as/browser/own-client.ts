// The gateway as an OAuth client of an authorization server, for people in browsers: authorization code with PKCE,
// state, nonce and iss (G1). Ends with an access token for one resource, and with nothing else.
import * as client from 'openid-client'
import { authorizationUrl, outcomeOf, ProviderAnswerError, prepare, redeem } from '../sign-in/code-flow.ts'
import type { Outcome, Pending } from '../sign-in/provider.ts'
import type { Asker, OwnLine } from './own-line.ts'

/** RFC 8707: what the token is for. */
export interface Wanted {
  readonly resource: string
  readonly scopes: readonly string[]
}

export interface Got {
  readonly token: string
  readonly subject: string
  /** Of the token, from now. */
  readonly lifeSeconds: number
}

/** `address` is the person's. */
export interface OwnClient {
  begin(wanted: Wanted, pending: Pending, address: string): Promise<Outcome<string>>
  finish(wanted: Wanted, callback: URL, pending: Pending, address: string): Promise<Outcome<Got>>
}

export interface OwnClientOptions {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly line: OwnLine
}

/** A token without a stated life is not believed for long. */
const DEFAULT_LIFE_SECONDS = 300

export function createOwnClient(options: OwnClientOptions): OwnClient {
  const { issuer, clientId, redirectUri, line } = options
  const insecure = issuer.startsWith('http:')
  const discover = async (asker: Asker) => {
    const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
      [client.customFetch]: (url, request) => asker.ask(url, request),
      ...(insecure ? { execute: [client.allowInsecureRequests] } : {}),
    })
    return prepare(config, asker, insecure)
  }
  const talk = async <T>(address: string, work: (config: client.Configuration) => Promise<T>) => {
    const asker = line.from(address)
    const outcome = await outcomeOf(async () => work(await discover(asker)))
    asker.throwFault()
    return outcome
  }
  return {
    begin: ({ resource, scopes }, pending, address) =>
      talk(address, (config) =>
        authorizationUrl(config, pending, {
          redirect_uri: redirectUri,
          scope: ['openid', ...scopes].join(' '),
          resource,
          nonce: pending.nonce,
        }),
      ),
    finish: ({ resource }, callback, pending, address) =>
      talk(address, async (config) => {
        const tokens = await redeem(config, callback, pending, true, { resource })
        const subject = tokens.claims()?.sub
        if (subject === undefined || subject === '') throw new ProviderAnswerError('no subject')
        const lifeSeconds = tokens.expires_in ?? DEFAULT_LIFE_SECONDS
        return { token: tokens.access_token, subject, lifeSeconds }
      }),
  }
}
