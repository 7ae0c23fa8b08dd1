// Checks whether a key signed a text (RFC 7518 §3, RFC 8037), with node's own check and a key that was imported once,
// bound to one algorithm. A short check is made at once, since a round through the thread pool costs as much as the
// check. The pool makes long checks, which would keep the event loop from everybody else.
import { constants, type KeyObject, type SignKeyObjectInput, verify } from 'node:crypto'
import type { MaybeAsync } from '../core/turn.ts'

/** One key used with one algorithm (RFC 8725 §3.1). */
export interface SignatureCheck {
  /** How long the check takes, as a multiple of a check of RSA with 2048 bits. */
  readonly cost: number
  /** Returns a promise when the check takes long. */
  verifies(text: string, signature: Buffer): MaybeAsync<boolean>
}

/** From this cost on a check counts as long: P-384, P-521, and RSA beyond 7,000 bits. */
export const LONG_CHECK_COST = 8

interface Method {
  readonly hash: string | null
  readonly options: Omit<SignKeyObjectInput, 'key'>
}

const pkcs1 = (hash: string): Method => ({ hash, options: { padding: constants.RSA_PKCS1_PADDING } })
/** RFC 7518 §3.5: the salt is as long as the hash. Without this option node accepts any length. */
const pss = (hash: string, saltLength: number): Method => ({
  hash,
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
})
/** RFC 7518 §3.4: a signature is two numbers of fixed length. By default node expects DER. */
const ecdsa = (hash: string): Method => ({ hash, options: { dsaEncoding: 'ieee-p1363' } })
const ED25519: Method = { hash: null, options: {} }

const METHODS: ReadonlyMap<string, Method> = new Map([
  ['RS256', pkcs1('sha256')],
  ['RS384', pkcs1('sha384')],
  ['RS512', pkcs1('sha512')],
  ['PS256', pss('sha256', 32)],
  ['PS384', pss('sha384', 48)],
  ['PS512', pss('sha512', 64)],
  ['ES256', ecdsa('sha256')],
  ['ES384', ecdsa('sha384')],
  ['ES512', ecdsa('sha512')],
  ['EdDSA', ED25519],
  ['Ed25519', ED25519],
])

/** The length of a signature and the cost of its check, by curve. For RSA both follow from the modulus. */
const CURVES: ReadonlyMap<string | undefined, { readonly bytes: number; readonly cost: number }> = new Map([
  ['prime256v1', { bytes: 64, cost: 3 }],
  ['secp384r1', { bytes: 96, cost: 18 }],
  ['secp521r1', { bytes: 132, cost: 40 }],
])
const OF_ED25519 = { bytes: 64, cost: 5 }

/** Creates the check. The key must fit the algorithm, which keys.ts ensures. */
export function createSignatureCheck(algorithm: string, key: KeyObject): SignatureCheck {
  const method = METHODS.get(algorithm)
  if (method === undefined) throw new Error(`no way to check signatures of ${algorithm}`)
  const { hash, options } = method
  const { bytes, cost } = measuresOf(key)
  const bound = { ...options, key }
  const check = cost < LONG_CHECK_COST ? checkNow : checkBeside
  return {
    cost,
    verifies(text, signature) {
      if (signature.length !== bytes) return false // RFC 8017 §8.1.2: OpenSSL would take a shorter one
      return check(hash, Buffer.from(text, 'latin1'), bound, signature)
    },
  }
}

function measuresOf({ asymmetricKeyDetails: details = {}, asymmetricKeyType }: KeyObject) {
  const { modulusLength, namedCurve } = details
  if (modulusLength !== undefined)
    return { bytes: Math.ceil(modulusLength / 8), cost: Math.ceil(0.6 * (modulusLength / 2_048) ** 2) }
  const measures = asymmetricKeyType === 'ed25519' ? OF_ED25519 : CURVES.get(namedCurve)
  if (measures === undefined)
    throw new Error(`no way to check signatures of a key of type ${asymmetricKeyType}`)
  return measures
}

function checkNow(hash: string | null, data: Buffer, key: SignKeyObjectInput, signature: Buffer): boolean {
  try {
    return verify(hash, data, key, signature)
  } catch {
    return false // OpenSSL cannot read the signature
  }
}

function checkBeside(
  hash: string | null,
  data: Buffer,
  key: SignKeyObjectInput,
  signature: Buffer,
): Promise<boolean> {
  return new Promise((resolve) => {
    verify(hash, data, key, signature, (error, holds) => resolve(error === null && holds))
  })
}
