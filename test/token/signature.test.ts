// Signatures held against the vectors of Project Wycheproof (wycheproof.jsonl says which, and their licence), and the
// forms of signatures that node takes by default and a JWS must not have.
import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKeyInput,
  type KeyObject,
  sign,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/strict-json.ts'
import { readKey } from '../../src/token/keys.ts'
import { createSignatureCheck } from '../../src/token/signature.ts'

interface VectorGroup {
  readonly file: string
  readonly alg: string
  readonly key: JsonWebKeyInput['key']
  readonly tests: readonly (readonly [id: number, message: string, signature: string, result: string])[]
}

const [, ...lines] = readFileSync(join(import.meta.dirname, 'wycheproof.jsonl'), 'utf8')
  .trim()
  .split('\n')
const groups = lines.map((line) => JSON.parse(line) as VectorGroup)
const files = Map.groupBy(groups, ({ file }) => file)
const bytes = (text: string) => Buffer.from(text, 'base64url')

test.each([...files])('J85 Wycheproof, %s', async (file, group) => {
  const wrong: string[] = []
  let count = 0
  for (const { alg, key, tests } of group) {
    const check = createSignatureCheck(alg, createPublicKey({ key, format: 'jwk' }))
    for (const [id, message, signature, result] of tests) {
      count += 1
      const holds = await check.verifies(bytes(message).toString('latin1'), bytes(signature))
      if (holds !== (result === 'valid')) wrong.push(`${file} ${id} is ${result}`)
    }
  }
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThan(100)
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const TEXT = 'eyJhbGciOiJQUzI1NiJ9.e30'
const signed = (privateKey: KeyObject, options: object) =>
  sign('sha256', Buffer.from(TEXT), { key: privateKey, ...options })
const pss = (saltLength: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
const holds = (alg: string, key: KeyObject, signature: Buffer) =>
  createSignatureCheck(alg, key).verifies(TEXT, signature)

test.each([
  ['as long as the hash', 32, true],
  ['absent', 0, false],
  ['of SHA-1', 20, false],
  ['as long as it can be', 222, false],
])('J86 a PSS salt that is %s', (_how, saltLength, expected) => {
  expect(holds('PS256', rsa.publicKey, signed(rsa.privateKey, pss(saltLength)))).toBe(expected)
})

/** The salt is chance, so another signature of the same text begins with another byte. */
function pssWithZeroFirst(): Buffer {
  for (;;) {
    const signature = signed(rsa.privateKey, pss(32))
    if (signature[0] === 0) return signature
  }
}

test('J87 an RSA signature has the length of its key: no zero it begins with may be left out or added', () => {
  const signature = pssWithZeroFirst()
  expect(holds('PS256', rsa.publicKey, signature)).toBe(true)
  expect(holds('PS256', rsa.publicKey, signature.subarray(1))).toBe(false)
  expect(holds('PS256', rsa.publicKey, Buffer.concat([Buffer.alloc(1), signature]))).toBe(false)
})

test('J88 an ECDSA signature in another form than two numbers of full length', () => {
  const flat = signed(p256.privateKey, { dsaEncoding: 'ieee-p1363' })
  expect(holds('ES256', p256.publicKey, flat)).toBe(true)
  const longer = [flat.subarray(0, 32), flat.subarray(32)].map((half) =>
    Buffer.concat([Buffer.alloc(1), half]),
  )
  for (const other of [
    signed(p256.privateKey, {}),
    Buffer.concat(longer),
    flat.subarray(0, 63),
    Buffer.alloc(64),
  ])
    expect(holds('ES256', p256.publicKey, other)).toBe(false)
})

test('J89 a key serves no algorithm but its own, whatever a header says', () => {
  const read = readKey({ ...rsa.publicKey.export({ format: 'jwk' }), alg: 'PS256' } as unknown as JsonObject)
  expect(read.ok && [...read.value.checks.keys()]).toEqual(['PS256'])
  expect(holds('PS256', rsa.publicKey, signed(rsa.privateKey, {}))).toBe(false)
  expect(holds('RS256', rsa.publicKey, signed(rsa.privateKey, pss(32)))).toBe(false)
  expect(holds('RS512', rsa.publicKey, signed(rsa.privateKey, {}))).toBe(false)
  expect(() => createSignatureCheck('HS256', rsa.publicKey)).toThrow('HS256')
})
