// Tokens that were changed somewhere, and two readings of each: ours, and a second one that is written apart, with jose
// for the signature. No network: the keys are at hand.
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { ok } from '../../src/core/refusal.ts'
import type { JsonObject } from '../../src/lib/strict-json.ts'
import { compileAudience } from '../../src/token/audience.ts'
import type { KeySet } from '../../src/token/jwks.ts'
import { proveJwt } from '../../src/token/jwt.ts'
import { readKey } from '../../src/token/keys.ts'
import { readJws } from '../../src/token/read-jws.ts'
import { createSignatureTurns } from '../../src/token/signature-turns.ts'
import { goodClaims, issuerSettings, NOW, RESOURCE } from '../token/scene.ts'

const ISSUER = 'https://login.example'
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const OTHERS = '=.~+/ \n%\u00e9'

interface Signer {
  readonly alg: string
  readonly hash: string | null
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const rsa = (alg: string) => ({
  alg,
  hash: 'sha256',
  ...generateKeyPairSync('rsa', { modulusLength: 2_048 }),
})
const SIGNERS: readonly Signer[] = [
  rsa('RS256'),
  rsa('PS256'),
  { alg: 'ES256', hash: 'sha256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { alg: 'EdDSA', hash: null, ...generateKeyPairSync('ed25519') },
  { alg: 'ES384', hash: 'sha384', ...generateKeyPairSync('ec', { namedCurve: 'P-384' }) },
]
/** Signing with them is quick. */
const [, , ES256, EDDSA] = SIGNERS as [Signer, Signer, Signer, Signer]
const JWKS = {
  keys: SIGNERS.map(({ alg, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), alg, kid: alg })),
} as JSONWebKeySet

const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url')
const headerOf = ({ alg }: Signer, more = '') => `{"alg":"${alg}","kid":"${alg}","typ":"at+jwt"${more}}`
const payloadOf = (n: number, more = '') =>
  JSON.stringify(goodClaims(ISSUER, { jti: `token-${n}` })).replace(/\}$/, `${more}}`)

function signed(
  { alg, hash, privateKey }: Signer,
  header: string | Buffer,
  payload: string | Buffer,
): string {
  const text = `${encode(header)}.${encode(payload)}`
  const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const key = {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
    ...(alg === 'PS256' ? { padding, saltLength: 32 } : {}),
  } as const
  return `${text}.${sign(hash, Buffer.from(text), key).toString('base64url')}`
}

const good = (signer: Signer, n: number) => signed(signer, headerOf(signer), payloadOf(n))

/** Its signature begins with a zero, which OpenSSL takes as well without it. */
function beginsWithZero(signer: Signer): string {
  for (let n = 0; ; n += 1) {
    const token = good(signer, n)
    if (token.split('.')[2]?.startsWith('AA')) return token
  }
}

const GOOD: readonly string[] = [
  ...SIGNERS.flatMap((signer) => [0, 1, 2].map((n) => good(signer, n))),
  ...SIGNERS.slice(0, 2).map(beginsWithZero),
]

/** Where and how a token is changed: numbers from which each change takes what it needs. */
interface Choice {
  readonly token: string
  readonly other: string
  readonly at: number
  readonly by: number
}

type Change = (choice: Choice) => string

const digit = (by: number) => DIGITS[by % DIGITS.length] as string
const place = (token: string, at: number) => at % token.length
const partsOf = (token: string) => token.split('.') as [string, string, string]
const withPart = (token: string, at: number, change: (part: string) => string) =>
  partsOf(token)
    .map((part, index) => (index === at % 3 ? change(part) : part))
    .join('.')
const withBytes = (part: string, change: (bytes: Buffer) => Buffer) =>
  encode(change(Buffer.from(part, 'base64url')))
const signer = (by: number) => (by % 2 === 0 ? ES256 : EDDSA)

/** Text of members that are put behind the others of an object. */
const MEMBERS = [
  ',"x":1',
  ',"x":1,"x":1',
  ',"x":{"a":1,"b":[{"a":1}]}',
  ',"x":{"a":1,"a":2}',
  ',"x":[{"a":1,"\\u0061":2}]',
  ',"\\u0078":"\\u00e9"',
  ',"x":"\\ud800"',
  ',"x":"\\ud83d\\ude00"',
  ',"x":"a:b{[\\"}"',
  ',"x":"a:b{[}]"',
  ',"alg":"none"',
  ',"sub":"root"',
  ',"\\u0073ub":"root"',
  ',"__proto__":{"a":1}',
  ',"__proto__":1,"__proto__":2',
  ',"x":"é😀"',
  ' ,\n"x" :\t1 ',
  ',"x":1e400',
  ',"x":01',
  ',"x"',
  ',',
  ',"x":"\u0001"',
  ',"x":1}{"y":2',
  ...[30, 31, 32, 33].map((depth) => `,"x":${'['.repeat(depth)}${']'.repeat(depth)}`),
  ...[30, 31, 32].map((depth) => `,"x":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
]
const HEADERS = [',"crit":["x"]', ',"b64":true', ',"cty":"JWT"', ',"jwk":{}', ',"x":2', ',"zip":"DEF"']
const member = (by: number) => MEMBERS[by % MEMBERS.length] as string

/** Signatures that are wrong in a way of their own. */
const SIGNATURES: readonly ((signature: Buffer) => Buffer)[] = [
  (signature) => Buffer.alloc(signature.length),
  (signature) => Buffer.alloc(signature.length, 0xff),
  (signature) => signature.subarray(1),
  (signature) => signature.subarray(0, -1),
  (signature) => Buffer.concat([Buffer.alloc(1), signature]),
  (signature) => Buffer.concat([signature, Buffer.alloc(1)]),
  (signature) => Buffer.concat([signature, signature]),
  (signature) =>
    Buffer.concat([signature.subarray(signature.length / 2), signature.subarray(0, signature.length / 2)]),
  (signature) => derOf(signature),
]

/** The two halves as an ASN.1 sequence of numbers. */
function derOf(signature: Buffer): Buffer {
  const half = signature.length / 2
  const number = (bytes: Buffer) => {
    const positive = (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
    return Buffer.concat([Buffer.from([2, positive.length]), positive])
  }
  const both = Buffer.concat([number(signature.subarray(0, half)), number(signature.subarray(half))])
  return Buffer.concat([Buffer.from([0x30, both.length & 0xff]), both])
}

const CHANGES: readonly Change[] = [
  ({ token }) => token,
  ({ token, at, by }) => token.slice(0, place(token, at)) + digit(by) + token.slice(place(token, at) + 1),
  ({ token, at }) => token.slice(0, place(token, at)) + token.slice(place(token, at) + 1),
  ({ token, at, by }) => token.slice(0, place(token, at)) + digit(by) + token.slice(place(token, at)),
  ({ token, at, by }) =>
    token.slice(0, place(token, at)) + (OTHERS[by % OTHERS.length] ?? '') + token.slice(place(token, at)),
  ({ token, at }) => token.slice(0, place(token, at)),
  ({ token, other, at }) => withPart(token, at, () => partsOf(other)[at % 3] as string),
  ({ token, at, by }) => withPart(token, at, (part) => part + digit(by)),
  ({ token, at, by }) => withPart(token, at, (part) => part + '='.repeat(1 + (by % 3))),
  ({ token, at, by }) =>
    withPart(
      token,
      at,
      (part) => part.slice(0, -1) + digit(DIGITS.indexOf(part.at(-1) ?? '') ^ (1 + (by % 15))),
    ),
  ({ token, at }) => withPart(token, at, (part) => part.replaceAll('-', '+').replaceAll('_', '/')),
  ({ token, at, by }) =>
    withPart(token, by, (part) =>
      withBytes(part, (bytes) => {
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << (by % 8))
        return bytes
      }),
    ),
  ({ token, by }) =>
    withPart(token, 2, (part) =>
      withBytes(part, SIGNATURES[by % SIGNATURES.length] as (bytes: Buffer) => Buffer),
    ),
  ({ at, by }) => signed(signer(at), headerOf(signer(at)), payloadOf(at, member(by))),
  ({ at, by }) =>
    signed(signer(at), headerOf(signer(at), HEADERS[by % HEADERS.length] ?? member(by)), payloadOf(at)),
  ({ at, by }) => signed(signer(at), headerOf(signer(at), member(by)), payloadOf(at)),
  ({ at, by }) => {
    const payload = Buffer.from(payloadOf(at, ',"x":"éé"'))
    payload[payload.length - 1 - (by % 8)] = by & 0xff
    return signed(signer(at), headerOf(signer(at)), payload)
  },
]

export const changedToken: fc.Arbitrary<string> = fc
  .tuple(
    fc.nat(CHANGES.length - 1),
    fc.nat(GOOD.length - 1),
    fc.nat(GOOD.length - 1),
    fc.nat(4_095),
    fc.nat(4_095),
  )
  .map(([change, token, other, at, by]) =>
    (CHANGES[change] as Change)({ token: GOOD[token] as string, other: GOOD[other] as string, at, by }),
  )

const settings = issuerSettings(ISSUER, { algorithms: ALGORITHMS })
const KEYS = JWKS.keys.map((jwk) => {
  const reading = readKey(jwk as JsonObject)
  if (!reading.ok) throw new Error(reading.why)
  return reading.value
})
const keys: KeySet = {
  candidates: (kid, alg) =>
    ok(KEYS.filter((key) => (kid === undefined || key.kid === kid) && key.checks.has(alg))),
  renew: async () => false,
  holds: () => true,
  probe: async () => [],
  isUsable: () => true,
  ageMs: () => 0,
  lastError: () => undefined,
}
const options = {
  settings,
  audience: compileAudience([RESOURCE], false),
  keys,
  turns: createSignatureTurns(),
}

export async function isAcceptedByOurs(token: string): Promise<boolean> {
  const jws = readJws(token)
  if (!jws.ok) return false
  const { result } = await proveJwt(jws.value, '', options, NOW * 1_000)
  return result.ok
}

const published = createLocalJWKSet(JWKS)
const SIGNATURE_BYTES: Readonly<Record<string, number>> = { RS256: 256, PS256: 256 }

/** What RFC 7515 §5.2, RFC 8259 §4 and RFC 8017 §8.1.2 ask for, each looked at by itself. */
export async function isAcceptedByJose(token: string): Promise<boolean> {
  const parts = token.split('.')
  if (
    parts.length !== 3 ||
    !parts.every((part) => part !== '' && encode(Buffer.from(part, 'base64url')) === part)
  )
    return false
  const [header, payload] = parts.slice(0, 2).map(objectIn)
  if (header === undefined || payload === undefined) return false
  const { alg, kid, typ } = header
  if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string') || kid === '') return false
  if (typ !== undefined && typ !== 'at+jwt') return false
  if (['crit', 'b64', 'cty'].some((name) => Object.hasOwn(header, name))) return false
  const bytes = SIGNATURE_BYTES[alg]
  if (bytes !== undefined && Buffer.from(parts[2] ?? '', 'base64url').length !== bytes) return false
  return compactVerify(token, published, { algorithms: ALGORITHMS }).then(
    () => true,
    () => false,
  )
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(part, 'base64url'),
    )
    const value: unknown = JSON.parse(text)
    return isObject(value) && isSound(text) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A reader of one character at a time: no name twice, no lone surrogate, at most 32 levels. */
function isSound(text: string): boolean {
  const levels: Set<string>[] = []
  for (let at = 0, last = ''; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') {
      const start = at
      for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1
      last = JSON.parse(text.slice(start, at + 1)) as string
      if (!last.isWellFormed()) return false
    } else if (character === ':') {
      const names = levels.at(-1)
      if (names === undefined || names.has(last)) return false
      names.add(last)
    } else if (character === '{' || character === '[') {
      if (levels.push(new Set()) > 32) return false
    } else if (character === '}' || character === ']') levels.pop()
  }
  return true
}
