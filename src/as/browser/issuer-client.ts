// The gateway as an OAuth client of an issuer, for people in browsers: authorization code with PKCE, state, nonce and
// iss (G1). Ends with an access token for one resource, and with nothing else.
import { authorizationUrl, ProviderAnswerError } from '../sign-in/code-flow.ts'
import { type KnownIssuer, redeemForIdToken } from '../sign-in/id-token.ts'
import type { PendingAuthorization, Prompt, SignInOutcome } from '../sign-in/provider.ts'

/** RFC 8707: what the token is for. */
export interface TokenRequest {
  readonly resource: string
  readonly scopes: readonly string[]
}

export interface IssuedToken {
  readonly token: string
  /** Claims of the ID token. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Epoch seconds: when the person proved who they are. */
  readonly provedAt: number
  /** Life of the token, from now. */
  readonly lifeSeconds: number
}

/** `address` is the person's; what the issuer is asked for them is counted under it. */
export interface IssuerClient {
  begin(
    wanted: TokenRequest,
    pending: PendingAuthorization,
    address: string,
    prompt?: Prompt,
  ): Promise<SignInOutcome<string>>
  finish(
    wanted: TokenRequest,
    callback: URL,
    pending: PendingAuthorization,
    address: string,
  ): Promise<SignInOutcome<IssuedToken>>
}

/** One conversation with the issuer, for the person at this address. Throws only for faults of our own. */
export type WithIssuer = <Value>(
  address: string,
  work: (issuer: KnownIssuer) => Promise<Value>,
) => Promise<SignInOutcome<Value>>

export interface IssuerClientOptions {
  readonly withIssuer: WithIssuer
  readonly redirectUri: string
  /** RFC 8707; some issuers refuse the parameter. */
  readonly tellsResource: boolean
  /** What the authorization request carries beside what stands in it anyway. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** A token without a stated life is not believed for long. */
const DEFAULT_LIFE_SECONDS = 300

export function createIssuerClient(options: IssuerClientOptions): IssuerClient {
  const { withIssuer: talk, redirectUri, tellsResource, parameters } = options
  const resourceParameter = (resource: string) => (tellsResource ? { resource } : {})
  return {
    begin: ({ resource, scopes }, pending, address, prompt) =>
      talk(address, async ({ config }) =>
        authorizationUrl(config, pending, {
          ...parameters,
          redirect_uri: redirectUri,
          scope: ['openid', ...scopes].join(' '),
          ...resourceParameter(resource),
          nonce: pending.nonce,
          ...(prompt === undefined ? {} : { prompt }),
        }),
      ),
    finish: ({ resource }, callback, pending, address) =>
      talk(address, async (issuer) => {
        const { tokens, claims } = await redeemForIdToken(
          issuer,
          callback,
          pending,
          resourceParameter(resource),
        )
        const { sub: subject, iat, auth_time: provedAt = iat } = claims
        if (subject === '') throw new ProviderAnswerError('no subject')
        const lifeSeconds = tokens.expires_in ?? DEFAULT_LIFE_SECONDS
        return { token: tokens.access_token, claims, provedAt, lifeSeconds }
      }),
  }
}
