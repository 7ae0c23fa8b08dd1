// The four validation modes (docs/decisions.md, 10): who is asked about which kind of token, and what happens
// when nobody answers.
import { expect, test } from 'vitest'
import type { Validation } from '../../src/core/settings.ts'
import {
  bearer,
  goodClaims,
  introspectionSettings,
  NOW,
  openScene,
  outcome,
  RESOURCE,
  type Scene,
} from './scene.ts'

/** @param timeoutMs for one question with all retries; short only where nobody answers */
async function open(validation: Validation, timeoutMs = 3_000): Promise<Scene> {
  const introspection = introspectionSettings()
  const scene = await openScene({ settings: { validation, introspection }, timeoutMs })
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url) })
  return scene
}

const TOKENS = {
  jwt: (scene: Scene) => scene.as.sign(scene.claims()),
  forged: (scene: Scene) => `${scene.as.sign(scene.claims()).slice(0, -40)}${'A'.repeat(40)}`,
  opaque: () => 'opaque-token',
}

type Asked = 'keys' | 'introspection' | 'both' | 'nobody'
const TABLE: readonly (readonly [Validation, keyof typeof TOKENS, string, Asked])[] = [
  ['jwt', 'jwt', 'ok', 'keys'],
  ['jwt', 'forged', 'signature', 'keys'],
  ['jwt', 'opaque', 'shape', 'nobody'],
  ['introspection', 'jwt', 'ok', 'introspection'],
  ['introspection', 'forged', 'ok', 'introspection'], // the issuer's answer is the proof
  ['introspection', 'opaque', 'ok', 'introspection'],
  ['jwt_and_introspection', 'jwt', 'ok', 'both'],
  ['jwt_and_introspection', 'forged', 'signature', 'keys'],
  ['jwt_and_introspection', 'opaque', 'shape', 'nobody'],
  ['jwt_else_introspection', 'jwt', 'ok', 'keys'],
  ['jwt_else_introspection', 'forged', 'signature', 'keys'],
  ['jwt_else_introspection', 'opaque', 'ok', 'introspection'],
]

test.each(TABLE)('%s, %s token: %s, asking %s', async (validation, kind, expected, asked) => {
  const scene = await open(validation)
  expect(outcome(await scene.verify(TOKENS[kind](scene)))).toBe(expected)
  expect(scene.as.requests).toMatchObject({
    jwks: asked === 'keys' || asked === 'both' ? 1 : 0,
    introspection: asked === 'introspection' || asked === 'both' ? 1 : 0,
  })
})

const OUTAGES: readonly (readonly [
  Validation,
  keyof typeof TOKENS,
  'jwks' | 'introspection' | 'metadata',
])[] = [
  ['jwt', 'jwt', 'metadata'],
  ['jwt', 'jwt', 'jwks'],
  ['introspection', 'jwt', 'introspection'],
  ['introspection', 'opaque', 'introspection'],
  ['introspection', 'opaque', 'metadata'],
  ['jwt_and_introspection', 'jwt', 'jwks'],
  ['jwt_and_introspection', 'jwt', 'introspection'],
  ['jwt_else_introspection', 'jwt', 'jwks'],
  ['jwt_else_introspection', 'opaque', 'introspection'],
]

test.each(OUTAGES)(
  '%s, %s token: 503 while %s is down, and never a rescue',
  async (validation, kind, page) => {
    const scene = await open(validation, 150)
    scene.as.faults[page] = 'reset'
    expect(outcome(await scene.verify(TOKENS[kind](scene)))).toBe('issuer_unreachable')
  },
)

test('a JWT that names no issuer is not shown to any', async () => {
  const scene = await open('introspection')
  expect(outcome(await scene.verify(scene.as.sign(scene.claims({ iss: undefined }))))).toBe('issuer')
  expect(scene.as.requests.introspection).toBe(0)
})

interface Agreement {
  readonly id: string
  readonly signed?: object
  readonly said: object
  /** Scopes of the principal, or the refusal. */
  readonly expected: string
}

const JKT = { cnf: { jkt: 'A'.repeat(43) } }
const AGREEMENTS: readonly Agreement[] = [
  { id: 'the same', said: {}, expected: 'a b' },
  { id: 'fewer scopes', said: { scope: 'b' }, expected: 'b' },
  { id: 'other scopes never widen', said: { scope: 'b admin' }, expected: 'b' },
  { id: 'an empty scope means none', said: { scope: '' }, expected: '' },
  { id: 'no word about scopes', said: { scope: undefined }, expected: 'a b' },
  { id: 'another subject', said: { sub: 'bob' }, expected: 'agreement' },
  { id: 'another client', said: { client_id: 'other' }, expected: 'agreement' },
  { id: 'no client', said: { client_id: undefined }, expected: 'a b' },
  { id: 'another issuer', said: { iss: 'https://evil.example' }, expected: 'issuer' },
  { id: 'inactive', said: { active: false }, expected: 'inactive' },
  { id: 'bound according to the issuer only', said: JKT, expected: 'binding' },
  { id: 'bound according to the token only', signed: JKT, said: {}, expected: 'binding' },
  { id: 'bound to two keys', signed: JKT, said: { cnf: { jkt: 'B'.repeat(43) } }, expected: 'agreement' },
]

test.each(AGREEMENTS)('jwt_and_introspection: $id gives "$expected"', async ({ signed, said, expected }) => {
  const scene = await open('jwt_and_introspection')
  const both = { scope: 'a b' }
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url, { ...both, ...said }) })
  const result = await scene.verify(scene.as.sign(scene.claims({ ...both, ...signed })))
  expect(result.ok ? [...result.value.scopes].join(' ') : outcome(result)).toBe(expected)
})

test('jwt_and_introspection is asked again after the ttl, and ends with the earlier exp', async () => {
  const scene = await open('jwt_and_introspection')
  const token = scene.as.sign(scene.claims())
  const first = await scene.verify(token)
  expect(await scene.verify(token)).toBe(first)
  const { iat, exp } = goodClaims(scene.as.url) as { iat: number; exp: number }
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url, { exp: exp - 60, iat }) })
  scene.clock.pass(30_000)
  const second = await scene.verify(token)
  expect(second.ok && second.value.expiresAt).toBe(exp - 60)
})

test('an issuer without introspection cannot confirm', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  const proved = await scene.verify(token)
  if (!proved.ok) throw new Error('the token must be good')
  const credential = bearer(token)
  expect(outcome(await scene.verifier.confirmActive(credential, proved.value))).toBe('inactive')
  const stranger = { ...proved.value, issuer: 'https://other.example' }
  expect(outcome(await scene.verifier.confirmActive(credential, stranger))).toBe('issuer')
})

test.each([
  ['without our client in aud', {}, /does not name our client/],
  ['with our client in aud', { aud: [RESOURCE, 'portcullis'] }, /^not active$/],
  ['that ended', { exp: NOW - 60, iat: NOW - 600 }, /^not active$/],
] as const)('introspection calls a signed token inactive %s', async (_name, over, detail) => {
  const scene = await open('introspection')
  scene.as.introspect = () => ({ active: false })
  const result = await scene.verify(scene.as.sign(scene.claims(over)))
  expect(!result.ok && result.refusal).toMatchObject({ reason: 'token_rejected', check: 'inactive' })
  expect(!result.ok && 'detail' in result.refusal && result.refusal.detail).toMatch(detail)
})
