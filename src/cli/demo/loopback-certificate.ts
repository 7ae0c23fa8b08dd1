// A self-signed certificate for 127.0.0.1, written in DER by hand, since node:crypto reads certificates and makes
// none (RFC 5280 §4.1). For the demo and for tests; whoever serves people has a certificate of a real authority.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface LoopbackCertificate {
  /** PEM; also the authority to trust. */
  readonly cert: string
  /** PEM */
  readonly key: string
}

export interface CertificateDates {
  readonly from: Date
  readonly to: Date
}

const DAY_MS = 86_400_000

/** Good for a day on either side, unless `dates` say otherwise. */
export function makeLoopbackCertificate(
  name: string,
  dates: Partial<CertificateDates> = {},
): LoopbackCertificate {
  const { from = new Date(Date.now() - DAY_MS), to = new Date(Date.now() + DAY_MS) } = dates
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(name)))))
  const extensions = sequence(sequence(SUBJECT_ALT_NAME, tagged(0x04, sequence(tagged(0x87, LOOPBACK)))))
  const body = sequence(
    tagged(0xa0, integer(2)), // v3
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    sequence(ECDSA_SHA256),
    subject,
    sequence(time(from), time(to)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, extensions),
  )
  const signature = tagged(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  const der = sequence(body, sequence(ECDSA_SHA256), signature).toString('base64')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}

const LOOPBACK = Buffer.of(127, 0, 0, 1)
const COMMON_NAME = tagged(0x06, Buffer.of(0x55, 0x04, 0x03)) // 2.5.4.3
const SUBJECT_ALT_NAME = tagged(0x06, Buffer.of(0x55, 0x1d, 0x11)) // 2.5.29.17
const ECDSA_SHA256 = tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')) // 1.2.840.10045.4.3.2

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.of(value))
}

/** GeneralizedTime: YYYYMMDDHHMMSSZ. */
function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(`${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`))
}
