// Session ids that any process with the same key can open, and only for the caller they were made for (SES-04,
// S01, S03). Sealing hides and binds an upstream's id; it does not make a session live longer or shorter.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Of what is sealed, in UTF-8; the sealed text stays under 1 KB. */
const MAX_PLAIN_BYTES = 700
const MAX_SEALED_CHARS = Math.ceil(((NONCE_BYTES + MAX_PLAIN_BYTES + TAG_BYTES) * 4) / 3)
const BASE64URL = /^[A-Za-z0-9_-]+$/

export interface Sealer {
  /** Visible ASCII (LEG-02), another text each time. Undefined when `plain` is longer than 700 bytes. */
  readonly seal: (scope: string, plain: string) => string | undefined
  /** Undefined unless this key sealed it for this scope. */
  readonly open: (scope: string, sealed: string) => string | undefined
}

/** `key` is at least 32 bytes of secret. Nonces are random, so replace the key before 2^32 seals. */
export function createSealer(key: Buffer): Sealer {
  if (key.length < KEY_BYTES) throw new RangeError(`a session key has at least ${KEY_BYTES} bytes`)
  const secret = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'portcullis session v1', KEY_BYTES))
  return {
    seal(scope, plain) {
      if (Buffer.byteLength(plain) > MAX_PLAIN_BYTES) return undefined
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(scope))
      const hidden = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, hidden, cipher.getAuthTag()]).toString('base64url')
    },
    open(scope, sealed) {
      if (sealed.length > MAX_SEALED_CHARS || !BASE64URL.test(sealed)) return undefined
      const bytes = Buffer.from(sealed, 'base64url')
      // One id has one spelling: base64 tolerates stray bits at the end.
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined
      return decrypt(secret, scope, bytes)
    },
  }
}

function decrypt(secret: Buffer, scope: string, bytes: Buffer): string | undefined {
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv(CIPHER, secret, bytes.subarray(0, NONCE_BYTES), options)
  decipher.setAAD(Buffer.from(scope)).setAuthTag(bytes.subarray(-TAG_BYTES))
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8')
  } catch {
    return undefined // node:crypto throws when the tag does not hold, which is what was asked
  }
}
