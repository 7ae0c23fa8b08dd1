// Which published keys may verify (J04 to J07), and the thumbprint that DPoP compares (RFC 7638).
import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/strict-json.ts'
import { readKey } from '../../src/token/keys.ts'
import { rsaWeakness } from '../../src/token/rsa-strength.ts'

const ec = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

test.each([
  ['P-256', ec('P-256'), ['ES256']],
  ['P-384', ec('P-384'), ['ES384']],
  ['P-521', ec('P-521'), ['ES512']],
  ['RSA', rsa, RSA_ALGORITHMS],
  ['RSA with alg', { ...rsa, alg: 'PS256' }, ['PS256']],
  ['Ed25519', ed, ['EdDSA', 'Ed25519']],
  ['Ed25519 with the old alg', { ...ed, alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
])('%s serves its own algorithms', async (_id, jwk, algorithms) => {
  const reading = readKey(jwk as JsonObject)
  expect(reading.ok && [...reading.value.checks.keys()]).toEqual(algorithms)
  expect(reading.ok && reading.value.thumbprint).toBe(await calculateJwkThumbprint(jwk as { kty: string }))
})

test.each([
  ['an unknown curve', { ...ec('secp256k1') }, 'its type is not supported'],
  ['X25519', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }), 'its type is not supported'],
  ['no kty', { crv: 'P-256' }, 'it cannot be read'],
  ['EC called RSA', { ...ec('P-256'), kty: 'RSA' }, 'it cannot be read'],
  ['alg none', { ...rsa, alg: 'none' }, 'its alg does not fit its type'],
  ['alg that is a number', { ...rsa, alg: 5 }, 'its alg does not fit its type'],
  ['use that is unknown', { ...rsa, use: 'foo' }, 'it is not for signatures'],
  ['key_ops that is no list', { ...rsa, key_ops: 'verify' }, 'it is not for verifying'],
  ['a modulus of a megabit', { ...rsa, n: 'A'.repeat(20_000) }, 'it cannot be read'],
  ['a number for n', { ...rsa, n: 5 }, 'it cannot be read'],
])('%s is refused', (_id, jwk, why) => {
  expect(readKey(jwk as JsonObject)).toEqual({ ok: false, why })
})

const SMALL_PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]
/** An odd number of 2048 bits that is 1 modulo every small prime, as 65537^0 is. */
const roca = (() => {
  const product = SMALL_PRIMES.reduce((all, prime) => all * BigInt(prime), 2n)
  return ((1n << 2047n) / product) * product + product + 1n
})()
const sound = BigInt(`0x${Buffer.from(rsa.n ?? '', 'base64url').toString('hex')}`)

test.each([
  ['a sound key', sound, 65_537n, undefined],
  ['e = 3', sound, 3n, undefined],
  ['J07 e = 1', sound, 1n, 'a broken RSA exponent'],
  ['J07 an even e', sound, 65_536n, 'a broken RSA exponent'],
  ['J07 a huge e', sound, (1n << 64n) + 1n, 'a broken RSA exponent'],
  ['J07 ROCA', roca, 65_537n, 'an RSA key from a broken generator (CVE-2017-15361)'],
  ['J07 an even modulus', sound + 1n, 65_537n, 'an even RSA modulus'],
  ['J07 2047 bits', sound >> 1n, 65_537n, 'RSA shorter than 2048 bits'],
  ['8193 bits', (1n << 8192n) + 1n, 65_537n, 'RSA longer than 8192 bits'],
])('%s', (_id, modulus, exponent, weakness) => {
  expect(rsaWeakness(modulus, exponent)).toBe(weakness)
})
