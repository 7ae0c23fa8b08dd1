// The authorization code flow with PKCE at an outside provider, over openid-client: what OpenID Connect and plain
// OAuth 2.0 have in common, and how its errors become outcomes. Reads no claims.
import * as client from 'openid-client'
import { type FetchClient, NoAnswer } from './fetch-client.ts'
import type { PendingAuthorization, SignInOutcome } from './provider.ts'

export function newPendingAuthorization(): PendingAuthorization {
  return {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
  }
}

/** openid-client over our own line. Plain http only where the file allows it, and then only on this machine. */
export function prepareConfiguration(
  config: client.Configuration,
  fetchClient: Pick<FetchClient, 'ask'>,
  insecure: boolean,
): client.Configuration {
  config[client.customFetch] = (url, options) => fetchClient.ask(url, options)
  if (insecure) client.allowInsecureRequests(config)
  return config
}

export async function authorizationUrl(
  config: client.Configuration,
  pending: PendingAuthorization,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const url = client.buildAuthorizationUrl(config, {
    ...parameters,
    state: pending.state,
    code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
  })
  return url.href
}

/** Checks `state`, `iss` (RFC 9207) and what else stands in the address before the code is shown to anybody (A19, A20). */
export function redeemCode(
  config: client.Configuration,
  callback: URL,
  pending: PendingAuthorization,
  expectIdToken: boolean,
  parameters: Readonly<Record<string, string>> = {},
): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> {
  const checks = {
    expectedState: pending.state,
    pkceCodeVerifier: pending.verifier,
    ...(expectIdToken ? { expectedNonce: pending.nonce, idTokenExpected: true } : {}),
  }
  return client.authorizationCodeGrant(config, callback, checks, { ...parameters })
}

/** Expected failures of `work` as an outcome. Only codes are kept: messages may quote what a provider said. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<SignInOutcome<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, ...causeOf(error) }
  }
}

/** RFC 6749 §4.1.2.1, §5.2 and their extensions: `invalid_client`, `access_denied`. */
const OAUTH_WORD = /^[a-z_]{1,40}$/

export function causeOf(error: unknown): {
  readonly why: 'unreachable' | 'refused'
  readonly detail: string
} {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    return { why: 'refused', detail: OAUTH_WORD.test(error.error) ? error.error : 'refused' }
  }
  if (error instanceof NoAnswer) return { why: 'unreachable', detail: `no answer (${error.message})` }
  const code = error instanceof client.ClientError ? error.code : undefined
  const isSilent = code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT'
  if (isSilent || error instanceof TypeError || error instanceof DOMException) {
    return { why: 'unreachable', detail: 'no answer' }
  }
  if (code !== undefined) return { why: 'refused', detail: `${code}${placeOf(error)}` }
  return { why: 'refused', detail: error instanceof ProviderAnswerError ? error.message : 'invalid answer' }
}

/** Which claim or member it was about, by its name: never what it said. */
function placeOf(error: unknown): string {
  const named = causesOf(error).flatMap(({ claim, attribute }) => [claim, attribute])
  const name = named.find((one) => typeof one === 'string' && OAUTH_WORD.test(one))
  return name === undefined ? '' : ` (${name})`
}

/** What openid-client and the library below it say of an error. */
export function causesOf(error: unknown): readonly Readonly<Record<string, unknown>>[] {
  const first = error instanceof Error ? error.cause : undefined
  const second = first instanceof Error ? first.cause : undefined
  return [first, second].filter(
    (cause): cause is Readonly<Record<string, unknown>> => typeof cause === 'object' && cause !== null,
  )
}

/** An answer of a provider that cannot be used. The message is ours and quotes nothing. */
export class ProviderAnswerError extends Error {}
