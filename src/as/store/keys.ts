// Signing keys. The newest one signs; a retired one is published until the last token that it signed has expired
// (A49).
import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Seal } from '../../lib/seal.ts'

export interface SigningKey {
  readonly kid: string
  /** With the private half. */
  readonly jwk: JWK
}

/** What may be shown of a key. */
export interface SigningKeyRecord {
  readonly kid: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** When it stops being published; undefined for the one that signs. Epoch milliseconds. */
  readonly publishedUntil: number | undefined
}

export interface SigningKeys {
  /** Those that are published, in the order of `LiveState.signingKeys`, without anything secret. */
  list(): Promise<readonly SigningKeyRecord[]>
  /** From now on this one signs; the others are published for `overlapMs` more. */
  rotate(fresh: SigningKey, overlapMs: number): Promise<void>
}

/** An algorithm that fast verifiers everywhere know (RFC 7518 §3.4). */
export const SIGNING_ALGORITHM = 'ES256'

export async function makeSigningKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, jwk: { ...jwk, kid, use: 'sig', alg: SIGNING_ALGORITHM } }
}

/** Where the private half of a key is sealed for. */
export function keyPlace(kid: string): string {
  return `Key ${kid}`
}

const OTHER_KEY =
  'the data was sealed with another key: put back the `cookie_secret` that it was made with, or remove it where there was ' +
  'none; or name other `data`'

/** Throws when it was sealed with another secret. */
export function toSigningKey(row: Readonly<Record<string, unknown>>, seal: Seal): SigningKey {
  const kid = String(row['kid'])
  const opened = seal.open(row['private_jwk'] as Uint8Array, keyPlace(kid))
  if (opened === undefined) throw new Error(OTHER_KEY)
  return { kid, jwk: JSON.parse(opened) as JWK }
}

export function toKeyRecord(row: Readonly<Record<string, unknown>>): SigningKeyRecord {
  const publishedUntil = row['gone_at'] === null ? undefined : Number(row['gone_at'])
  return { kid: String(row['kid']), createdAt: Number(row['created_at']), publishedUntil }
}
