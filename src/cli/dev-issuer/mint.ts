// Mints access tokens of the local development issuer without asking it: RFC 9068 JWTs and nothing else.
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { SIGNING_ALGORITHM, type SigningKey } from '../../as/store/keys.ts'
import { formatScope } from '../../core/scopes.ts'

export interface MintRequest {
  readonly issuer: string
  readonly subject: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly ttlSeconds: number
}

/** A signed access token (RFC 9068 §2). `now` is epoch milliseconds. */
export function mintToken({ kid, jwk }: SigningKey, request: MintRequest, now: number): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  const [only, ...others] = request.audience
  return new SignJWT({
    iss: request.issuer,
    sub: request.subject,
    aud: only !== undefined && others.length === 0 ? only : [...request.audience],
    client_id: request.clientId,
    scope: formatScope(request.scopes),
    iat: issuedAt,
    exp: issuedAt + request.ttlSeconds,
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'at+jwt', kid })
    .sign(jwk)
}
