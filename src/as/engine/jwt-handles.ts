// Access tokens that somebody asks about or gives back (RFC 7662, RFC 7009). oidc-provider knows no way to look at a
// signed token of its own, so each is verified here, and known to it by a handle while the request lasts.

import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, errors, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type { MaybeAsync } from '../../core/turn.ts'
import type { Payload } from '../store/artifacts.ts'

export interface JwtHandles {
  /** A handle to give to oidc-provider instead of the token; one that stands for nothing when it is no token of ours. */
  present(token: string): Promise<string>
  forget(handle: string): void
  /** What oidc-provider would have kept, had it kept the token. */
  find(model: string, handle: string): Payload | undefined
}

export interface JwtHandlesOptions {
  readonly issuer: string
  /** Public halves of every key that is published. */
  readonly keys: () => readonly JWK[]
  readonly isRevoked: (claims: Payload) => MaybeAsync<boolean>
}

/** The claim that names the grant an access token came from. */
export const GRANT_CLAIM = 'grant_id'

/** What oidc-provider would take for a signed token, and refuse to look at. */
export function isSignedToken(token: string): boolean {
  try {
    decodeProtectedHeader(token)
    return true
  } catch {
    return false // jose throws for everything else
  }
}

export function createJwtHandles({ issuer, keys, isRevoked }: JwtHandlesOptions): JwtHandles {
  const shown = new Map<string, Payload>()
  return {
    async present(token) {
      const handle = `signed-${randomBytes(16).toString('base64url')}`
      const claims = await verify(token, issuer, keys())
      if (claims !== undefined && !(await isRevoked(claims))) shown.set(handle, toPayload(claims))
      return handle
    },
    forget: (handle) => void shown.delete(handle),
    find(model, handle) {
      const payload = shown.get(handle)
      return payload?.['kind'] === model ? payload : undefined
    },
  }
}

async function verify(token: string, issuer: string, keys: readonly JWK[]): Promise<JWTPayload | undefined> {
  try {
    const set = createLocalJWKSet({ keys: [...keys] })
    return (await jwtVerify(token, set, { issuer, typ: 'at+jwt' })).payload
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

function toPayload(claims: JWTPayload): Payload {
  const { sub, jti, iat, exp, aud, client_id: clientId, scope, cnf, [GRANT_CLAIM]: grantId } = claims
  const common = { jti, iat, exp, aud, clientId, scope, jkt: (cnf as { jkt?: string } | undefined)?.jkt }
  return grantId === undefined
    ? { ...common, kind: 'ClientCredentials', extra: { sub } }
    : { ...common, kind: 'AccessToken', accountId: sub, grantId }
}
