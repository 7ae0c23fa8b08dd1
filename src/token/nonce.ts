// Nonces for DPoP proofs (RFC 9449 §9). A proof must repeat one, so that nobody can make proofs in advance. Nothing is
// stored: a nonce is made of a slot of time with a key, so replicas with the same key accept each other's.
import { createHmac } from 'node:crypto'
import { deriveKey } from '../lib/derived-key.ts'
import { readJws } from './read-jws.ts'

/** The length of a slot. A nonce is good in its own slot and in the one after it. */
const NONCE_SLOT_SECONDS = 150
const NONCE_CHARS = 22 // 132 bits

export interface ProofNonces {
  /** Returns the nonce that a proof should carry from now on. `now` is epoch milliseconds. */
  current(now: number): string
  accepts(nonce: unknown, now: number): boolean
}

/** `key` is the session key. The key that is derived from it here opens no session. */
export function createProofNonces(key: Buffer): ProofNonces {
  const secret = deriveKey(key, 'dpop nonce v1')
  const nonceOf = (slot: number) =>
    createHmac('sha256', secret).update(String(slot)).digest('base64url').slice(0, NONCE_CHARS)
  return {
    current: (now) => nonceOf(slotOf(now)),
    accepts: (nonce, now) => nonce === nonceOf(slotOf(now)) || nonce === nonceOf(slotOf(now) - 1),
  }
}

function slotOf(now: number): number {
  return Math.floor(now / (NONCE_SLOT_SECONDS * 1_000))
}

/**
 * Returns the nonce to use from now on, for a client whose proof carries one that ends with this slot (RFC 9449 §8.2).
 */
export function nonceAfter(nonces: ProofNonces, proof: string | undefined, now: number): string | undefined {
  const jws = readJws(proof ?? '')
  if (!jws.ok) return undefined
  const { nonce } = jws.value.claims
  const current = nonces.current(now)
  return nonce !== current && nonces.accepts(nonce, now) ? current : undefined
}
