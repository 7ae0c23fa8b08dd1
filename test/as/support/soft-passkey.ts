// A passkey in software: what a browser and an authenticator would send (WebAuthn Level 3 §5.8.1, §6.1, §6.5), each part open to
// change by a test.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { certifiedStatement } from './attestation.ts'

export interface Changes {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly type?: string
  readonly crossOrigin?: boolean
  readonly isVerified?: boolean
  readonly isPresent?: boolean
  readonly counter?: number
  readonly userHandle?: string
  readonly id?: string
  readonly format?: string
  readonly statement?: ReadonlyMap<string, Cbor>
  /** With a certificate that a verifier would take. */
  readonly isCertified?: boolean
}

export interface SoftPasskey {
  readonly id: string
  /** What the page gave to the script; the answer is what the script puts into the form. */
  create(options: string, changes?: Changes): string
  get(options: string, changes?: Changes): string
}

/** @param origin of the page */
export function createSoftPasskey(origin: string): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(32)
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  let userHandle = ''
  const clientData = (kind: string, challenge: string, changes: Changes) =>
    Buffer.from(
      JSON.stringify({
        type: changes.type ?? kind,
        challenge: changes.challenge ?? challenge,
        origin: changes.origin ?? origin,
        crossOrigin: changes.crossOrigin ?? false,
      }),
    )
  const answer = (response: Readonly<Record<string, unknown>>, changes: Changes) => {
    const named = changes.id ?? id.toString('base64url')
    return JSON.stringify({
      ...{ id: named, rawId: named, type: 'public-key', clientExtensionResults: {} },
      ...{ authenticatorAttachment: 'platform', response },
    })
  }
  return {
    id: id.toString('base64url'),
    create(options, changes = {}) {
      const { challenge, rp, user } = JSON.parse(options) as CreationOptions
      userHandle = user.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const key = new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ])
      const credential = Buffer.concat([Buffer.alloc(16), length, id, encode(key)])
      const attested = Buffer.concat([headOf(changes.rpId ?? rp.id, 0x40, changes), credential])
      const said = clientData('webauthn.create', challenge, changes)
      const point = Buffer.concat([
        Buffer.from([4]),
        Buffer.from(x, 'base64url'),
        Buffer.from(y, 'base64url'),
      ])
      const signed = [Buffer.from([0]), attested.subarray(0, 32), sha256(said), id, point]
      const certified = changes.isCertified ? certifiedStatement(Buffer.concat(signed)) : undefined
      const attestation = new Map<string, Cbor>([
        ['fmt', changes.format ?? (certified ? 'fido-u2f' : 'none')],
        ['attStmt', changes.statement ?? certified ?? new Map()],
        ['authData', attested],
      ])
      return answer(
        {
          clientDataJSON: said.toString('base64url'),
          attestationObject: encode(attestation).toString('base64url'),
          transports: ['internal', 'hybrid'],
        },
        changes,
      )
    },
    get(options, changes = {}) {
      const { challenge, rpId } = JSON.parse(options) as RequestOptions
      const authenticatorData = headOf(changes.rpId ?? rpId, 0, changes)
      const said = clientData('webauthn.get', challenge, changes)
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(said)]), privateKey)
      return answer(
        {
          clientDataJSON: said.toString('base64url'),
          authenticatorData: authenticatorData.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: changes.userHandle ?? userHandle,
        },
        changes,
      )
    },
  }
}

interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
}

interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
}

function headOf(rpId: string, more: number, changes: Changes): Buffer {
  const flags = (changes.isPresent === false ? 0 : 1) | (changes.isVerified === false ? 0 : 4) | 0x18 | more
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(changes.counter ?? 0)
  return Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([flags]), counter])
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

export type Cbor = number | string | Buffer | readonly Cbor[] | ReadonlyMap<string | number, Cbor>

/** As much of RFC 8949 §3 as these need. */
export function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? lead(1, -1 - value) : lead(0, value)
  if (typeof value === 'string') return Buffer.concat([lead(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([lead(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([lead(4, value.length), ...value.map(encode)])
  const map = value as ReadonlyMap<string | number, Cbor>
  return Buffer.concat([lead(5, map.size), ...[...map].flatMap(([key, one]) => [encode(key), encode(one)])])
}

function lead(kind: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(kind << 5) | size])
  if (size < 256) return Buffer.from([(kind << 5) | 24, size])
  return Buffer.from([(kind << 5) | 25, size >> 8, size & 0xff])
}
