// What must be found again but not read: networks, and names that people typed, as digests under a key of the secret.
import { createHmac } from 'node:crypto'
import { deriveKey } from './derived-key.ts'

export type KeyedDigest = (text: string) => Buffer

/** @param use tells keys of one secret apart: `networks`, `tallies`, `shared state name` */
export function createKeyedDigest(secret: Uint8Array, use: string): KeyedDigest {
  const key = deriveKey(secret, use)
  return (text) => createHmac('sha256', key).update(text).digest()
}
