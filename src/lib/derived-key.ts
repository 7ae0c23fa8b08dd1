// Keys of one secret (HKDF, RFC 5869): one for each use, so that what one of them opens or signs means nothing to
// another.
import { hkdfSync } from 'node:crypto'

const KEY_BYTES = 32

/** @param use tells keys of one secret apart: `payload`, `cookie`, `session v1` */
export function deriveKey(secret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `portcullis ${use}`, KEY_BYTES))
}
