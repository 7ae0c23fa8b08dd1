// JWK → a key that may verify signatures, or why it may not (J04–J07). The key decides which algorithms it serves,
// never the token's header. JWKS and DPoP proofs both use it. It fetches nothing.
import type { KeyObject, webcrypto } from 'node:crypto'
import { createPublicKey, hash } from 'node:crypto'
import type { JsonObject } from '../lib/strict-json.ts'
import { rsaWeakness } from './rsa-strength.ts'
import { createSignatureCheck, type SignatureCheck } from './signature.ts'

export interface VerificationKey {
  readonly kid: string | undefined
  /** The checks that the key can make, by JWS algorithm: those that fit its type and its own `alg`. */
  readonly checks: ReadonlyMap<string, SignatureCheck>
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string
}

export type KeyReading =
  | { readonly ok: true; readonly value: VerificationKey }
  | { readonly ok: false; readonly why: string }

/** RFC 7518 §3.1 and RFC 8037 §3.1, by key type or curve. Symmetric and unsecured algorithms are absent (J03, J06). */
const ALGORITHMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
  ['Ed25519', ['EdDSA', 'Ed25519']],
])
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const MAX_COORDINATE_LENGTH = 1400 // base64url characters; 8192 bits are 1366

export function readKey(jwk: JsonObject): KeyReading {
  const { kty, crv, kid, alg } = jwk
  const family = kty === 'RSA' ? 'RSA' : crv
  const fitting = typeof family === 'string' ? ALGORITHMS.get(family) : undefined
  if (fitting === undefined) return no('its type is not supported')
  const misuse = misuseOf(jwk)
  if (misuse !== undefined) return no(misuse)
  if (alg !== undefined && !(typeof alg === 'string' && fitting.includes(alg)))
    return no('its alg does not fit its type')
  const imported = importKey(jwk)
  if (imported === undefined) return no('it cannot be read') // also for a point off the curve
  const { key, members } = imported
  const weakness = kty === 'RSA' ? rsaWeakness(integer(members.n), integer(members.e)) : undefined
  if (weakness !== undefined) return no(weakness)
  // An Ed25519 key is the same under the old and the new name of its algorithm (RFC 9864).
  const algorithms = alg === undefined || kty === 'OKP' ? fitting : [alg as string]
  const value: VerificationKey = {
    kid: typeof kid === 'string' ? kid : undefined,
    checks: new Map(algorithms.map((algorithm) => [algorithm, createSignatureCheck(algorithm, key)])),
    thumbprint: thumbprint(members),
  }
  return { ok: true, value }
}

function misuseOf({ use, key_ops: operations, ...jwk }: JsonObject): string | undefined {
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return 'it is not a public key'
  if (use !== undefined && use !== 'sig') return 'it is not for signatures' // RFC 7517 §4.2
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
  return verifies ? undefined : 'it is not for verifying' // RFC 7517 §4.3
}

type JsonWebKey = webcrypto.JsonWebKey

/**
 * RFC 7638 §3.2: hashes the required members only, in lexicographic order. They are exported from the key, so they are
 * always canonical.
 */
function thumbprint({ crv, e, kty, n, x, y }: JsonWebKey): string {
  return hash('sha256', JSON.stringify({ crv, e, kty, n, x, y }), 'base64url')
}

function importKey(jwk: JsonObject): { key: KeyObject; members: JsonWebKey } | undefined {
  const { kty, crv, n, e, x, y } = jwk
  const given = Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value !== undefined)
  if (given.some(([, value]) => typeof value !== 'string' || value.length > MAX_COORDINATE_LENGTH))
    return undefined
  try {
    const key = createPublicKey({ key: Object.fromEntries(given) as JsonWebKey, format: 'jwk' })
    return { key, members: key.export({ format: 'jwk' }) }
  } catch {
    return undefined
  }
}

function integer(base64url = ''): bigint {
  return BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`)
}

function no(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}
