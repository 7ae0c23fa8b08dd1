// The ID token of a sign-in (OpenID Connect Core §3.1.3.7): its signature is always checked, with keys that the issuer
// publishes, and beside what openid-client compares, who it was made for, when, and for which access token.
import { createHash } from 'node:crypto'
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type * as client from 'openid-client'
import { ProviderAnswerError, redeemCode } from './code-flow.ts'
import type { FetchClient } from './fetch-client.ts'
import type { PendingAuthorization } from './provider.ts'

/** An issuer that was found, as its client needs it. */
export interface KnownIssuer {
  readonly config: client.Configuration
  readonly keys: IdTokenKeys
  readonly now: () => number
}

type IdTokenKeys = ReturnType<typeof createIdTokenKeys>

/** After a key is not found, or does not fit, they are fetched again, but not more often than this. */
const COOLDOWN_MS = 3_000
const MAX_AGE_MS = 5 * 60_000

/** Keys are asked for when they are needed, and again when they are old or one is missing. */
export function createIdTokenKeys(jwksUri: string | undefined, fetchClient: Pick<FetchClient, 'ask'>) {
  if (jwksUri === undefined) throw new ProviderAnswerError('its metadata has no jwks_uri')
  return createRemoteJWKSet(new URL(jwksUri), {
    [customFetch]: (url, { headers }) => fetchClient.ask(url, { headers: Object.fromEntries(headers) }),
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: MAX_AGE_MS,
  })
}

/** No key that the issuer publishes could be used for the others, and `none` signs nothing (RFC 8725 §3.1). */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
/** How far clocks may differ, as openid-client has it. */
const CLOCK_TOLERANCE_SECONDS = 30

export interface Redeemed {
  readonly tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers
  readonly claims: client.IDToken
}

/** The code for tokens, with an ID token that holds. Throws what `outcomeOf` takes. */
export async function redeemForIdToken(
  issuer: KnownIssuer,
  callback: URL,
  pending: PendingAuthorization,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Redeemed> {
  const tokens = await redeemCode(issuer.config, callback, pending, true, parameters)
  const claims = tokens.claims()
  if (claims === undefined || tokens.id_token === undefined) throw new ProviderAnswerError('no ID token')
  await checkSignature(issuer, tokens.id_token)
  checkClaims(issuer, claims, tokens.id_token, tokens.access_token)
  return { tokens, claims }
}

async function checkSignature({ config, keys }: KnownIssuer, idToken: string): Promise<void> {
  const offered = config.serverMetadata().id_token_signing_alg_values_supported ?? ['RS256']
  const options = {
    algorithms: ALGORITHMS.filter((algorithm) => offered.includes(algorithm)),
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  }
  try {
    await jwtVerify(idToken, keys, options)
  } catch (error) {
    // Signed with a new key of the old name: worth one look at what is published now.
    const isRotated = error instanceof errors.JWSSignatureVerificationFailed && !keys.coolingDown
    if (!isRotated) throw asAnswerError(error)
    await keys.reload()
    await jwtVerify(idToken, keys, options).catch((again: unknown) => {
      throw asAnswerError(again)
    })
  }
}

/** Codes only: messages of jose may quote what was signed. */
function asAnswerError(error: unknown): unknown {
  return error instanceof errors.JOSEError
    ? new ProviderAnswerError(`the ID token's signature or keys: ${error.code}`)
    : error
}

function checkClaims(
  { config, now }: KnownIssuer,
  { azp, iat, at_hash: hash }: client.IDToken,
  idToken: string,
  accessToken: string,
): void {
  if (azp !== undefined && azp !== config.clientMetadata().client_id)
    throw new ProviderAnswerError('the ID token is for another client (azp)')
  if (iat > now() / 1_000 + CLOCK_TOLERANCE_SECONDS)
    throw new ProviderAnswerError('the ID token is of a time to come (iat)')
  if (hash !== undefined && hash !== accessTokenHash(idToken, accessToken))
    throw new ProviderAnswerError('the ID token is for another access token (at_hash)')
}

/** OpenID Connect Core §3.1.3.6: the left half of a hash of the size that the signature has. */
function accessTokenHash(idToken: string, accessToken: string): string {
  const { alg = '' } = decodeProtectedHeader(idToken)
  const bits = /^Ed/.test(alg) ? '512' : alg.slice(-3)
  const digest = createHash(`sha${bits}`).update(accessToken).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
