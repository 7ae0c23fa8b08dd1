// An attestation with a certificate (WebAuthn Level 3 §8.6) that a verifier without roots takes for good: signed by a key whose
// certificate signs itself (RFC 5280 §4.1).
import { generateKeyPairSync, sign } from 'node:crypto'

/** `statement` for the format `fido-u2f`. @param signed what the format signs */
export function certifiedStatement(signed: Buffer): ReadonlyMap<string, Buffer | readonly Buffer[]> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('An authenticator')))))
  const life = sequence(...['260101000000Z', '460101000000Z'].map((time) => der(0x17, Buffer.from(time))))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const serial = der(0x02, Buffer.from([1]))
  const body = sequence(version, serial, sequence(ECDSA_SHA256), name, life, name, key)
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]))
  const certificate = sequence(body, sequence(ECDSA_SHA256), signature)
  return new Map<string, Buffer | readonly Buffer[]>([
    ['sig', sign('sha256', signed, privateKey)],
    ['x5c', [certificate]],
  ])
}

/** ITU-T X.690 §8.1 */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, Buffer.concat(parts))

const COMMON_NAME = Buffer.from('0603550403', 'hex')
const ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
