// Nonces for DPoP proofs (RFC 9449 §8, §9): how long one is good, and for whom. Over the socket: gateway/dpop-nonce.
import { expect, test } from 'vitest'
import { createProofNonces, nonceAfter } from '../../src/token/nonce.ts'
import { encode } from '../support/issuer.ts'

const SLOT_MS = 150_000
/** The first millisecond of a slot. */
const START = 10_000_000 * SLOT_MS
const nonces = createProofNonces(Buffer.alloc(32, 1))
const given = nonces.current(START)

const TIMES: readonly (readonly [at: string, now: number, good: boolean])[] = [
  ['when it is given', START, true],
  ['at the end of its slot', START + SLOT_MS - 1, true],
  ['at the end of the next slot', START + 2 * SLOT_MS - 1, true],
  ['after two slots', START + 2 * SLOT_MS, false],
  ['before its slot', START - 1, false],
]
test.each(TIMES)('RFC 9449 §8.2 a nonce %s', (_at, now, good) => {
  expect(nonces.accepts(given, now)).toBe(good)
})

test('RFC 9449 §8 it is long, visible ASCII, and the same for a whole slot', () => {
  expect(given).toMatch(/^[\w-]{22}$/)
  expect(nonces.current(START + SLOT_MS - 1)).toBe(given)
  expect(nonces.current(START + SLOT_MS)).not.toBe(given)
})

test('processes with one key agree; another key takes nothing', () => {
  expect(createProofNonces(Buffer.alloc(32, 1)).accepts(given, START)).toBe(true)
  expect(createProofNonces(Buffer.alloc(32, 2)).accepts(given, START)).toBe(false)
})

test.each([undefined, null, '', 7, {}, `${given}=`, given.slice(1)])('%j is no nonce', (nonce) => {
  expect(nonces.accepts(nonce, START)).toBe(false)
})

const proofWith = (claims: object) =>
  [encode('{"alg":"ES256"}'), encode(JSON.stringify(claims)), encode('s')].join('.')
const NEXT = nonces.current(START + SLOT_MS)

const OFFERS: readonly (readonly [
  what: string,
  proof: string | undefined,
  now: number,
  offered: string | undefined,
])[] = [
  ['the nonce of this slot', proofWith({ nonce: given }), START + SLOT_MS - 1, undefined],
  ['the nonce of the slot before', proofWith({ nonce: given }), START + SLOT_MS, NEXT],
  ['an old nonce', proofWith({ nonce: given }), START + 2 * SLOT_MS, undefined],
  ['no nonce', proofWith({}), START, undefined],
  ['no JWT', 'x', START, undefined],
  ['no proof', undefined, START, undefined],
]
test.each(OFFERS)('RFC 9449 §8.2 what the answer to a proof with %s offers', (_what, proof, now, offered) => {
  expect(nonceAfter(nonces, proof, now)).toBe(offered)
})
