// Encryption of what is kept (AES-256-GCM). Each use has a key of its own, derived from one secret, and each sealed
// value is bound to its place, so that no row can be put in place of another. Keeps no plaintext.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface Seal {
  /** @param place where the value stands; needed again to open it */
  seal(text: string, place: string): Buffer
  /** Undefined when it was sealed with another secret, for another place, or changed since. */
  open(sealed: Uint8Array, place: string): string | undefined
}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** @param use tells keys of one secret apart: `payload`, `answer` */
export function createSeal(secret: Uint8Array, use: string): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `portcullis ${use}`, KEY_BYTES))
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(sealed, place) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined
      const nonce = sealed.subarray(0, NONCE_BYTES)
      const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      decipher.setAuthTag(tag)
      try {
        const body = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([body, decipher.final()]).toString('utf8')
      } catch {
        return undefined // the tag does not fit: another key, another place, or changed bytes
      }
    },
  }
}
