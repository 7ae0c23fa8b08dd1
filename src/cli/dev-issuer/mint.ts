// Mints and reads the access tokens of the local development issuer: RFC 9068 JWTs and nothing else.
import { randomUUID } from 'node:crypto'
import { type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { formatScope } from '../../core/scopes.ts'
import { type DevKey, KEY_ALGORITHM } from './key.ts'

export interface MintRequest {
  readonly issuer: string
  readonly subject: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly ttlSeconds: number
}

/** A signed access token (RFC 9068 §2). `now` is epoch milliseconds. */
export function mintToken(key: DevKey, request: MintRequest, now: number): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  const [only, ...others] = request.audience
  const payload: JWTPayload = {
    iss: request.issuer,
    sub: request.subject,
    aud: only !== undefined && others.length === 0 ? only : [...request.audience],
    client_id: request.clientId,
    scope: formatScope(request.scopes),
    iat: issuedAt,
    exp: issuedAt + request.ttlSeconds,
    jti: randomUUID(),
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: KEY_ALGORITHM, typ: 'at+jwt', kid: key.id })
    .sign(key.privateKey)
}

/** The claims of a live token of this issuer; undefined for anything else. `now` is epoch milliseconds. */
export async function readMintedToken(
  key: DevKey,
  issuer: string,
  token: string,
  now: number,
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      issuer,
      algorithms: [KEY_ALGORITHM],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'aud', 'sub'],
      currentDate: new Date(now),
    })
    return payload
  } catch {
    return undefined
  }
}
