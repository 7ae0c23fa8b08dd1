// Proofs of possession (RFC 9449 §4.2) of one holder, whose tokens are bound to its key.
import { hash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { newKey, type SigningKey, signCompact } from './issuer.ts'

const HOLDER = newKey('holder')
const { kty, crv, x, y } = HOLDER.jwk

/** The public key of the holder, as it stands in the head of a proof. */
export const PUBLIC = { kty, crv, x, y }

/** RFC 7638, for `cnf.jkt` of a token. */
export const JKT = await calculateJwkThumbprint(PUBLIC as { kty: string })

export interface ProofParts {
  readonly header?: object
  readonly claims?: object
  readonly key?: SigningKey
}

/** A proof for a POST to `htu` with this token, made at `iat` (epoch seconds; now, where it is not given). */
export function proofFor(
  htu: string,
  token: string,
  { header, claims, key = HOLDER }: ProofParts = {},
): string {
  const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: PUBLIC, ...header }
  const body = {
    jti: randomUUID(),
    htm: 'POST',
    htu,
    iat: Math.floor(Date.now() / 1_000),
    ath: hash('sha256', token, 'base64url'),
    ...claims,
  }
  return signCompact(JSON.stringify(head), JSON.stringify(body), key.privateKey)
}
