// The Ed25519 key that signs checkpoints: read from its file, or made on first use, mode 0600, with the public key beside
// it. Whoever verifies gets the public key from the operator, and never from the audit.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readPrivateFile } from '../../lib/private-file.ts'
import { writing } from '../../lib/unwritable-path.ts'
import { createFile } from '../../lib/whole-file.ts'

export interface CheckpointKey {
  /** The id of its public key. */
  readonly id: string
  /** Base64url, 86 characters. */
  sign(text: string): string
}

const SETTING = 'audit.key'
/** Ends the name of the file with the public key. */
const PUBLIC_KEY_SUFFIX = '.pub'
/** RFC 8032 §8.3: what is signed here means nothing elsewhere. */
const CONTEXT = 'portcullis audit checkpoint 1\n'

/** Throws a sentence where the file holds no such key, or cannot be made. */
export function openCheckpointKey(file: string): CheckpointKey {
  const key = readPrivateKey(file) ?? makePrivateKey(file)
  const publicKey = createPublicKey(key)
  keepPublicKey(file, publicKey)
  return {
    id: keyId(publicKey),
    sign: (text) => sign(null, Buffer.from(CONTEXT + text), key).toString('base64url'),
  }
}

/** SHA-256 of the key as `openssl pkey -pubin -outform DER` prints it, base64url. */
export function keyId(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64url')
}

export function isSignedBy(publicKey: KeyObject, text: string, signature: string): boolean {
  return verify(null, Buffer.from(CONTEXT + text), publicKey, Buffer.from(signature, 'base64url'))
}

/** Throws a sentence for what is no public Ed25519 key in PEM. */
export function readPublicKey(file: string): KeyObject {
  const text = readFileSync(file, 'utf8')
  if (text.includes('PRIVATE KEY'))
    throw new Error(
      `${file} holds the private key; give the public one, which stands beside it as ${PUBLIC_KEY_SUFFIX}`,
    )
  return asEd25519(file, () => createPublicKey(text))
}

/** Undefined where the file is not there. */
function readPrivateKey(file: string): KeyObject | undefined {
  const text = readPrivateFile(SETTING, file)
  return text === undefined ? undefined : asEd25519(file, () => createPrivateKey(text))
}

function asEd25519(file: string, read: () => KeyObject): KeyObject {
  let key: KeyObject | undefined
  try {
    key = read()
  } catch {
    // SECURITY: what OpenSSL says of it stays here
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new Error(`${file} holds no Ed25519 key in PEM; openssl genpkey -algorithm ed25519 makes one`)
  return key
}

/** Several processes may do this at one time: one of their keys gets the name, and all use that. */
function makePrivateKey(file: string): KeyObject {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  if (!writing(SETTING, file, () => createFile(file, text)))
    return readPrivateKey(file) ?? makePrivateKey(file)
  writing(SETTING, file, () => writePublicKey(file, publicKey))
  return privateKey
}

/** Whoever brought a private key to a place that is read only has the public one. */
function keepPublicKey(file: string, publicKey: KeyObject): void {
  if (existsSync(file + PUBLIC_KEY_SUFFIX)) return
  try {
    writePublicKey(file, publicKey)
  } catch {
    // openssl pkey -pubout prints it
  }
}

function writePublicKey(file: string, publicKey: KeyObject): void {
  writeFileSync(file + PUBLIC_KEY_SUFFIX, publicKey.export({ type: 'spki', format: 'pem' }), { flush: true })
}
