// Authenticated encryption (AES-256-GCM). Each use has a key of its own, derived from one secret, and each sealed value
// is bound to its place, so that none can be put in place of another. Keeps no plaintext.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey } from './derived-key.ts'

/** In which order the parts of a sealed value stand. What is sealed already lasts, so both stay readable. */
export type SealLayout = 'nonce tag text' | 'nonce text tag'

export interface Seal {
  /**
   * @param place where the value stands; needed again to open it
   * @param nonce by chance when absent; two texts that share one are no secret any more
   */
  seal(text: string, place: string, nonce?: Uint8Array): Buffer
  /** Undefined when it was sealed with another secret, for another place, or changed since. */
  open(sealed: Uint8Array, place: string): string | undefined
}

const CIPHER = 'aes-256-gcm'
export const NONCE_BYTES = 12
const TAG_BYTES = 16
/** How much longer a sealed value is than its text in UTF-8. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES

/** @param use tells keys of one secret apart: `payload`, `refresh answer` */
export function createSeal(secret: Uint8Array, use: string, layout: SealLayout = 'nonce tag text'): Seal {
  const key = deriveKey(secret, use)
  const isTagFirst = layout === 'nonce tag text'
  return {
    seal(text, place, nonce = randomBytes(NONCE_BYTES)) {
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      const tag = cipher.getAuthTag()
      return Buffer.concat(isTagFirst ? [nonce, tag, body] : [nonce, body, tag])
    },
    open(sealed, place) {
      if (sealed.length < SEAL_BYTES) return undefined
      const nonce = sealed.subarray(0, NONCE_BYTES)
      const tag = isTagFirst ? sealed.subarray(NONCE_BYTES, SEAL_BYTES) : sealed.subarray(-TAG_BYTES)
      const body = isTagFirst ? sealed.subarray(SEAL_BYTES) : sealed.subarray(NONCE_BYTES, -TAG_BYTES)
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
      const text = decipher.update(body)
      try {
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        return undefined // the tag does not fit: another key, another place, or changed bytes
      }
    },
  }
}
