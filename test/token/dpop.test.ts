// DPoP proofs and how bound tokens may be presented: J64, J65, TOK-17, RFC 9449 §4.3 and §7.
import { generateKeyPairSync, hash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Credential, Principal } from '../../src/core/principal.ts'
import type { Result } from '../../src/core/refusal.ts'
import { createProofCheck, createProofMemory } from '../../src/token/dpop.ts'
import { createProofNonces } from '../../src/token/nonce.ts'
import { createSignatureTurns } from '../../src/token/signature-turns.ts'
import { JKT, type ProofParts, PUBLIC, proofFor as proofAt } from '../support/dpop.ts'
import { encode, newKey, type SigningKey } from '../support/issuer.ts'
import { bearer, fakeClock, NOW, openScene, outcome, RESOURCE, type Scene } from './scene.ts'

const proofFor = (token: string, { claims, ...rest }: ProofParts = {}) =>
  proofAt(RESOURCE, token, { ...rest, claims: { iat: NOW, ...claims } })

const boundToken = (scene: Scene) => scene.as.sign(scene.claims({ cnf: { jkt: JKT } }))

function outcomeOf(result: Result<Principal>): string {
  return !result.ok && result.refusal.reason === 'dpop_rejected' ? result.refusal.error : outcome(result)
}

const caller = (subject: string): Principal => ({
  issuer: 'https://as.example',
  subject,
  key: subject,
  clientId: 'cli',
  scopes: new Set(),
  roles: [],
  expiresAt: NOW + 600,
  boundKey: JKT,
  claims: {},
})

const dpop = (proof: string | undefined): Partial<Credential> => ({ scheme: 'dpop', proof })
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const stranger = newKey('stranger')

const PROOFS: readonly (readonly [id: string, proof: ProofParts])[] = [
  ['another method', { claims: { htm: 'GET' } }],
  ['htm in another case', { claims: { htm: 'post' } }],
  ['no htm', { claims: { htm: undefined } }],
  ['htu with a query', { claims: { htu: `${RESOURCE}?a=1` } }],
  ['htu with a fragment', { claims: { htu: `${RESOURCE}#a` } }],
  ['htu of another host', { claims: { htu: 'https://evil.example/mcp/a' } }],
  ['htu of another path', { claims: { htu: 'https://gw.example/mcp/b' } }],
  ['htu that is not a string', { claims: { htu: [RESOURCE] } }],
  ['ath of another token', { claims: { ath: hash('sha256', 'other', 'base64url') } }],
  ['no ath', { claims: { ath: undefined } }],
  ['iat too old', { claims: { iat: NOW - 301 } }],
  ['iat too far ahead', { claims: { iat: NOW + 301 } }],
  ['iat as a string', { claims: { iat: String(NOW) } }],
  ['no jti', { claims: { jti: undefined } }],
  ['an empty jti', { claims: { jti: '' } }],
  ['a jti of 1 KB', { claims: { jti: 'j'.repeat(1024) } }],
  ['a private key in jwk', { header: { jwk: { ...PUBLIC, d: 'AAAA' } } }],
  ['no jwk', { header: { jwk: undefined } }],
  ['a symmetric jwk', { header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } } }],
  ['a weak key', { header: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) } }],
  ['alg HS256', { header: { alg: 'HS256' } }],
  ['alg none', { header: { alg: 'none' } }],
  ['typ JWT', { header: { typ: 'JWT' } }],
  ['no typ', { header: { typ: undefined } }],
  ['signed by somebody else', { key: stranger }],
]

function jwkOf({ jwk }: SigningKey) {
  return { kty: jwk['kty'], crv: jwk['crv'], x: jwk['x'], y: jwk['y'] }
}

test.each(PROOFS)('J65 a proof with %s', async (_id, proof) => {
  const scene = await openScene()
  const token = boundToken(scene)
  expect(outcomeOf(await scene.verify(token, dpop(proofFor(token, proof))))).toBe('invalid_dpop_proof')
  expect(outcomeOf(await scene.verify(token, dpop(proofFor(token))))).toBe('ok')
})

test('J65 a sound proof of another key than the one the token is bound to', async () => {
  const scene = await openScene()
  const token = boundToken(scene)
  const proof = proofFor(token, { key: stranger, header: { jwk: jwkOf(stranger) } })
  expect(outcomeOf(await scene.verify(token, dpop(proof)))).toBe('invalid_token')
})

test.each([undefined, '', 'abc', `${encode('{}')}.${encode('{}')}.`])('J65 the proof %j', async (proof) => {
  const scene = await openScene()
  expect(outcomeOf(await scene.verify(boundToken(scene), dpop(proof)))).toBe('invalid_dpop_proof')
})

test.each([
  ['iat 300 s ago', { iat: NOW - 300 }],
  ['iat 300 s ahead', { iat: NOW + 300 }],
  ['htu with host case and default port', { htu: 'https://GW.example:443/mcp/a' }],
])('a proof with %s is good (RFC 9449 §4.3)', async (_id, claims) => {
  const scene = await openScene()
  const token = boundToken(scene)
  expect(outcomeOf(await scene.verify(token, dpop(proofFor(token, { claims }))))).toBe('ok')
})

test('a key beside members of `cnf` that are no confirmation, as Keycloak 26.7 sends it (RFC 7800 §3.1)', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims({ cnf: { jkt: JKT, 'kc-jkt-type': 'DPoP' } }))
  expect(outcomeOf(await scene.verify(token, dpop(proofFor(token))))).toBe('ok')
})

test('J65 a proof works once, also as long as its iat is good', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims({ cnf: { jkt: JKT }, exp: NOW + 3600 }))
  const proof = proofFor(token, { claims: { iat: NOW + 300 } })
  expect(outcomeOf(await scene.verify(token, dpop(proof)))).toBe('ok')
  for (const pass of [0, 300_000, 300_000]) {
    scene.clock.pass(pass)
    expect(outcomeOf(await scene.verify(token, dpop(proof)))).toBe('invalid_dpop_proof')
  }
})

test('J65, J80 a caller whose share is full proves nothing more for a while, and others do', async () => {
  const clock = fakeClock()
  const check = createProofCheck(createProofMemory(clock, 0.25, 8), createSignatureTurns())
  const prove = async (subject: string) => {
    const iat = Math.floor(clock.wall / 1000)
    const credential = bearer('t', dpop(proofFor('t', { claims: { iat } })))
    const fault = await check(credential, caller(subject), JKT, clock.now())
    return fault === 'unavailable' ? fault : fault?.detail
  }
  const full = 'too many proofs to remember'
  expect([await prove('mallory'), await prove('mallory'), await prove('mallory')]).toEqual([
    undefined,
    undefined,
    full,
  ])
  expect([await prove('alice'), await prove('mallory')]).toEqual([undefined, full])
  clock.pass(600_000)
  expect(await prove('mallory')).toBe(undefined)
})

test('J65 a full store takes no new proof of anybody', async () => {
  const clock = fakeClock()
  const used = createProofMemory(clock, 0.25, 4)
  const said = ['a', 'b', 'c', 'd', 'e'].map((subject) => used.remember(subject, `proof of ${subject}`))
  expect(said).toEqual(['new', 'new', 'new', 'new', 'full'])
  expect(used.remember('e', 'proof of a')).toBe('seen')
})

test('two callers of one bound token prove themselves each', async () => {
  const scene = await openScene()
  const token = boundToken(scene)
  const results = await Promise.all([
    scene.verify(token, dpop(proofFor(token))),
    scene.verify(token, dpop(undefined)),
    scene.verify(token),
  ])
  expect(results.map(outcomeOf)).toEqual(['ok', 'invalid_dpop_proof', 'binding'])
})

test('RFC 9449 §9 a proof without a nonce of now is told one, and costs no place in the store', async () => {
  const clock = fakeClock()
  const nonces = createProofNonces(Buffer.alloc(32, 1))
  const check = createProofCheck(createProofMemory(clock, 0.25, 1), createSignatureTurns(), nonces)
  const prove = (claims: object, key?: SigningKey) => {
    const proof = proofFor('t', {
      claims: { iat: Math.floor(clock.wall / 1000), ...claims },
      ...(key && { key }),
    })
    return check(bearer('t', dpop(proof)), caller('alice'), JKT, clock.now())
  }
  const nonce = nonces.current(clock.now())
  const missing = { error: 'use_dpop_nonce', nonce }
  expect(await prove({})).toMatchObject(missing)
  expect(await prove({ nonce: [nonce] })).toMatchObject(missing)
  expect(await prove({ nonce: `${nonce} ` })).toMatchObject(missing)
  expect(await prove({ nonce, htm: 'GET' })).toMatchObject({ error: 'invalid_dpop_proof' })
  expect(await prove({ htm: 'GET' })).toMatchObject({ error: 'invalid_dpop_proof' })
  expect(await prove({}, stranger)).toMatchObject({ error: 'invalid_dpop_proof' })
  expect(await prove({ nonce })).toBe(undefined)
  expect(await prove({ nonce })).toMatchObject({ detail: 'too many proofs to remember' })
})

const MODES = [
  // mode, token, scheme, expected
  ['off', 'bound', 'bearer', 'binding'],
  ['off', 'bound', 'dpop', 'binding'],
  ['off', 'plain', 'bearer', 'ok'],
  ['off', 'plain', 'dpop', 'binding'],
  ['accept', 'bound', 'bearer', 'binding'],
  ['accept', 'bound', 'dpop', 'ok'],
  ['accept', 'plain', 'bearer', 'ok'],
  ['accept', 'plain', 'dpop', 'invalid_token'],
  ['require', 'bound', 'bearer', 'binding'],
  ['require', 'bound', 'dpop', 'ok'],
  ['require', 'plain', 'bearer', 'invalid_token'],
  ['require', 'plain', 'dpop', 'invalid_token'],
] as const

test.each(MODES)('TOK-17 dpop: %s, a %s token as %s: %s', async (mode, kind, scheme, expected) => {
  const scene = await openScene({ route: { dpop: mode } })
  const token = kind === 'bound' ? boundToken(scene) : scene.as.sign(scene.claims())
  const proof = scheme === 'dpop' ? proofFor(token) : undefined
  expect(outcomeOf(await scene.verify(token, { scheme, proof }))).toBe(expected)
})

test('a later look at an open stream wants no new proof', async () => {
  const scene = await openScene()
  const token = boundToken(scene)
  const credential = bearer(token, dpop(proofFor(token)))
  expect(outcomeOf(await scene.verifier.verify(credential, scene.clock.now()))).toBe('ok')
  expect(outcomeOf(await scene.verifier.prove(credential, scene.clock.now()))).toBe('ok')
})
