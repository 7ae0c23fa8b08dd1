// Nonces for DPoP proofs (RFC 9449 §9): a proof must repeat one, so that nobody can make proofs in advance. Nothing is
// kept: a nonce is a slot of time under a key, so that replicas with the same key take each other's.
import { createHmac } from 'node:crypto'
import { deriveKey } from '../lib/derived-key.ts'
import { readJws } from './jws.ts'

/** A nonce is good in its own slot and in the one after it. */
const NONCE_SLOT_SECONDS = 150
const NONCE_CHARS = 22 // 132 bits

export interface ProofNonces {
  /** What a proof should carry from now on. `now` is epoch milliseconds. */
  current(now: number): string
  accepts(nonce: unknown, now: number): boolean
}

/** `key` is the session key; what is derived of it here opens no session. */
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

/** The nonce to use from now on, for a client whose proof carries one that ends with this slot (RFC 9449 §8.2). */
export function nonceAfter(nonces: ProofNonces, proof: string | undefined, now: number): string | undefined {
  const jws = readJws(proof ?? '')
  if (!jws.ok) return undefined
  const { nonce } = jws.value.claims
  const current = nonces.current(now)
  return nonce !== current && nonces.accepts(nonce, now) ? current : undefined
}
