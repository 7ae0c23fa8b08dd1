// The token endpoint of the local development issuer: authorization code with PKCE, refresh with rotation, and
// client credentials. Tokens are as real as any other; the issuer behind them is for development only.
import { createHash } from 'node:crypto'
import { formatScope } from '../../core/scopes.ts'
import { RESOURCE_NEEDED, readResource, readScopes } from './authorize.ts'
import { type DevClient, type DevClients, GRANT_TYPES } from './clients.ts'
import { repeatedParameter, singleParameter } from './form.ts'
import type { DevGrant, DevGrants } from './grants.ts'
import type { DevKey } from './key.ts'
import { mintToken } from './mint.ts'

/** RFC 7636 §4.1 */
const CODE_VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

export interface TokenEndpointContext {
  readonly issuer: string
  readonly key: DevKey
  readonly ttlSeconds: number
  readonly clients: DevClients
  readonly grants: DevGrants
}

/** Status and JSON of RFC 6749 §5.1 or §5.2. */
export interface TokenAnswer {
  readonly status: 200 | 400 | 401
  readonly body: Readonly<Record<string, string | number>>
}

/** `now` is epoch milliseconds. */
export async function answerTokenRequest(
  authorization: string | undefined,
  form: URLSearchParams,
  context: TokenEndpointContext,
  now: number,
): Promise<TokenAnswer> {
  const repeated = repeatedParameter(form)
  if (repeated !== undefined) return refused('invalid_request', `${repeated} is repeated`)
  const client = context.clients.authenticate(authorization, form)
  if (client === undefined) return refused('invalid_client', 'unknown client or wrong credentials', 401)
  const grantType = GRANT_TYPES.find((grant) => grant === form.get('grant_type'))
  if (grantType === undefined)
    return refused('unsupported_grant_type', `use one of ${GRANT_TYPES.join(', ')}`)
  if (!client.grants.includes(grantType)) {
    return refused('unauthorized_client', `the client did not register the grant ${grantType}`)
  }
  const grant = {
    authorization_code: redeemCode,
    refresh_token: redeemRefreshToken,
    client_credentials: grantToClient,
  }[grantType](form, client, context, now)
  return 'status' in grant ? grant : issueTokens(grant, client, grantType, context, now)
}

function redeemCode(
  form: URLSearchParams,
  client: DevClient,
  { grants }: TokenEndpointContext,
  now: number,
): DevGrant | TokenAnswer {
  const code = singleParameter(form, 'code') ?? ''
  const pending = grants.codes.peek(code, now)
  // A13, RFC 6749 §4.1.3: bound to the client and to the exact redirect URI.
  if (pending?.clientId !== client.id || pending.redirectUri !== form.get('redirect_uri')) {
    return refused('invalid_grant', 'the code is unknown, used, expired or not of this client')
  }
  if (!matchesChallenge(form.get('code_verifier') ?? '', pending.codeChallenge)) {
    return refused('invalid_grant', 'code_verifier does not match')
  }
  if (form.has('resource') && readResource(form) !== pending.resource) {
    return refused('invalid_target', 'resource is not the one that was authorized') // A14
  }
  if (!grants.codes.take(code)) return refused('invalid_grant', 'the code was used') // A12
  return pending
}

function redeemRefreshToken(
  form: URLSearchParams,
  client: DevClient,
  { grants }: TokenEndpointContext,
  now: number,
): DevGrant | TokenAnswer {
  const handle = singleParameter(form, 'refresh_token') ?? ''
  const grant = grants.refreshTokens.peek(handle, now)
  if (grant?.clientId !== client.id) {
    return refused('invalid_grant', 'the refresh token is unknown, used, expired or not of this client') // A17
  }
  if (form.has('resource') && readResource(form) !== grant.resource) {
    return refused('invalid_target', 'resource is not the one that was authorized')
  }
  const scopes = readScopes(form)
  // A18, RFC 6749 §6: a refresh never widens.
  if (scopes === undefined || !scopes.every((scope) => grant.scopes.includes(scope))) {
    return refused('invalid_scope', 'a refresh cannot ask for more than was granted')
  }
  if (!grants.refreshTokens.take(handle)) return refused('invalid_grant', 'the refresh token was used')
  return scopes.length === 0 ? grant : { ...grant, scopes }
}

function grantToClient(form: URLSearchParams, client: DevClient): DevGrant | TokenAnswer {
  if (client.secret === undefined) return refused('unauthorized_client', 'a public client has no credentials')
  const scopes = readScopes(form)
  if (scopes === undefined) return refused('invalid_scope', 'scope is malformed')
  const resource = readResource(form)
  if (resource === undefined) return refused('invalid_target', RESOURCE_NEEDED)
  return { clientId: client.id, subject: client.id, scopes, resource }
}

async function issueTokens(
  grant: DevGrant,
  client: DevClient,
  grantType: string,
  { issuer, key, ttlSeconds, grants }: TokenEndpointContext,
  now: number,
): Promise<TokenAnswer> {
  const { subject, clientId, scopes, resource } = grant
  const accessToken = await mintToken(
    key,
    { issuer, subject, clientId, audience: [resource], scopes, ttlSeconds },
    now,
  )
  const refreshable = grantType !== 'client_credentials' && client.grants.includes('refresh_token')
  return {
    status: 200,
    body: {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: ttlSeconds,
      scope: formatScope(scopes),
      ...(refreshable ? { refresh_token: grants.refreshTokens.put(grant, now) } : {}),
    },
  }
}

// RFC 7636 §4.6; A09: an empty or short verifier never matches.
function matchesChallenge(verifier: string, challenge: string): boolean {
  if (!CODE_VERIFIER.test(verifier)) return false
  return createHash('sha256').update(verifier).digest('base64url') === challenge
}

function refused(error: string, description: string, status: 400 | 401 = 400): TokenAnswer {
  return { status, body: { error, error_description: description } }
}
