// Session ids that any process with the same key can open, and only for the caller they were made for (SES-04, S01,
// S03). One id of an upstream always gives the same sealed id for one caller, since a client gives a session up when
// its id changes (S40). Sealing hides and binds the id; it does not change how long a session lives.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const BASE64URL = /^[A-Za-z0-9_-]+$/

export interface Sealer {
  /** Visible ASCII (LEG-02), the same text each time. Undefined when `plain` is longer than the sealer takes. */
  readonly seal: (scope: string, plain: string) => string | undefined
  /** Undefined unless this key sealed it for this scope. */
  readonly open: (scope: string, sealed: string) => string | undefined
}

/**
 * `key` is at least 32 bytes of secret; `maxBytes` of what is sealed, in UTF-8. A nonce is a MAC of the text that it
 * seals, so two texts share one only by the chance that random nonces have: replace the key before 2^32 sessions.
 */
export function createSealer(key: Buffer, maxBytes: number): Sealer {
  if (key.length < KEY_BYTES) throw new RangeError(`a session key has at least ${KEY_BYTES} bytes`)
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), use, KEY_BYTES))
  const secret = derive('portcullis session v1')
  const nonceKey = derive('portcullis session nonce v1')
  const maxSealedChars = Math.ceil(((NONCE_BYTES + maxBytes + TAG_BYTES) * 4) / 3)
  return {
    seal(scope, plain) {
      if (Buffer.byteLength(plain) > maxBytes) return undefined
      const nonce = nonceFor(nonceKey, scope, plain)
      const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(scope))
      const hidden = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, hidden, cipher.getAuthTag()]).toString('base64url')
    },
    open(scope, sealed) {
      if (sealed.length > maxSealedChars || !BASE64URL.test(sealed)) return undefined
      const bytes = Buffer.from(sealed, 'base64url')
      // One id has one spelling: base64 tolerates stray bits at the end.
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined
      return decrypt(secret, scope, bytes)
    },
  }
}

/** The length in front keeps two pairs from being the same text. */
function nonceFor(key: Buffer, scope: string, plain: string): Buffer {
  const mac = createHmac('sha256', key).update(`${scope.length}:${scope}${plain}`)
  return mac.digest().subarray(0, NONCE_BYTES)
}

function decrypt(secret: Buffer, scope: string, bytes: Buffer): string | undefined {
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv(CIPHER, secret, bytes.subarray(0, NONCE_BYTES), options)
  decipher.setAAD(Buffer.from(scope)).setAuthTag(bytes.subarray(-TAG_BYTES))
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8')
  } catch {
    return undefined // node:crypto throws when the tag does not hold: then it was not sealed here
  }
}
