// Seals session ids so that any process with the same key can open them, and only for the caller for whom they were
// made (SES-04, S01, S03). The same id of an upstream always gives the same sealed id for one caller, since a client
// gives a session up when its id changes (S40). Sealing hides and binds the id; it does not change how long a session
// lives.
import { createHmac } from 'node:crypto'
import { deriveKey } from '../lib/derived-key.ts'
import { createSeal, NONCE_BYTES, SEAL_BYTES } from '../lib/seal.ts'

const MIN_KEY_BYTES = 32
const BASE64URL = /^[A-Za-z0-9_-]+$/

export interface Sealer {
  /**
   * Returns visible ASCII (LEG-02), the same text each time; undefined when `plain` is longer than the sealer accepts.
   */
  readonly seal: (scope: string, plain: string) => string | undefined
  /** Returns undefined unless this key sealed the text for this scope. */
  readonly open: (scope: string, sealed: string) => string | undefined
}

/**
 * `key` is at least 32 bytes of secret; `maxBytes` bounds the text to seal, in UTF-8. A nonce is a MAC of the text that
 * it seals, so two texts share a nonce only with the probability that random nonces have: replace the key before 2^32
 * sessions.
 */
export function createSealer(key: Buffer, maxBytes: number): Sealer {
  if (key.length < MIN_KEY_BYTES) throw new RangeError(`a session key has at least ${MIN_KEY_BYTES} bytes`)
  const seal = createSeal(key, 'session v1', 'nonce text tag')
  const nonceKey = deriveKey(key, 'session nonce v1')
  const maxSealedChars = Math.ceil(((maxBytes + SEAL_BYTES) * 4) / 3)
  return {
    seal(scope, plain) {
      if (Buffer.byteLength(plain) > maxBytes) return undefined
      return seal.seal(plain, scope, nonceFor(nonceKey, scope, plain)).toString('base64url')
    },
    open(scope, sealed) {
      if (sealed.length > maxSealedChars || !BASE64URL.test(sealed)) return undefined
      const bytes = Buffer.from(sealed, 'base64url')
      // Each id has one spelling: base64 tolerates stray bits at the end.
      return bytes.toString('base64url') === sealed ? seal.open(bytes, scope) : undefined
    },
  }
}

/** The length in front keeps two different pairs from giving the same text. */
function nonceFor(key: Buffer, scope: string, plain: string): Buffer {
  const mac = createHmac('sha256', key).update(`${scope.length}:${scope}${plain}`)
  return mac.digest().subarray(0, NONCE_BYTES)
}
