// What an issuer may answer about an opaque token, right or wrong: the rows of I about the answer itself.
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { IntrospectionSettings } from '../../src/core/settings.ts'
import {
  bearer,
  goodClaims,
  introspectionSettings,
  NOW,
  openScene,
  outcome,
  RESOURCE,
  type Scene,
} from '../token/scene.ts'

const TOKEN = 'opaque-token'

function open(over: Partial<IntrospectionSettings> = {}): Promise<Scene> {
  return openScene({ settings: { validation: 'introspection', introspection: introspectionSettings(over) } })
}

const active = (scene: Scene, over: object = {}) => ({ active: true, ...goodClaims(scene.as.url, over) })

interface Case {
  readonly id: string
  readonly over: object
  readonly expected: string
  readonly settings?: Partial<IntrospectionSettings>
}

const implied = { audience: 'implied_by_endpoint' } as const
const each = (id: string, name: string, values: readonly unknown[], expected: string) =>
  values.map((value): Case => ({ id: `${id} ${JSON.stringify(value)}`, over: { [name]: value }, expected }))

const CASES: readonly Case[] = [
  { id: 'a good answer', over: {}, expected: 'ok' },
  { id: 'I01 another audience', over: { aud: 'https://other.example' }, expected: 'audience' },
  {
    id: 'I01 another audience although it is implied',
    over: { aud: 'https://other.example' },
    settings: implied,
    expected: 'audience',
  },
  { id: 'I02 no aud', over: { aud: undefined }, expected: 'audience' },
  { id: 'I02 no aud where it is implied', over: { aud: undefined }, settings: implied, expected: 'ok' },
  ...each('I03 active', 'active', ['true', 'false', 1, [true], {}, null, undefined, false], 'inactive'),
  ...each('I04 exp', 'exp', [NOW - 6, 'x', undefined, null], 'expiry'),
  { id: 'I04 nbf ahead', over: { nbf: NOW + 60 }, expected: 'not_before' },
  { id: 'I05 another issuer', over: { iss: 'https://evil.example' }, expected: 'issuer' },
  { id: 'I05 an issuer list', over: { iss: ['x'] }, expected: 'issuer' },
  { id: 'I05 no issuer, since its own endpoint said so', over: { iss: undefined }, expected: 'ok' },
  { id: 'I33 cnf', over: { cnf: { jkt: 'A'.repeat(43) } }, expected: 'binding' },
  { id: 'I33 a certificate', over: { cnf: { 'x5t#S256': 'A'.repeat(43) } }, expected: 'binding' },
  { id: 'I33 token_type DPoP', over: { token_type: 'DPoP' }, expected: 'binding' },
  ...each('I34 token_type', 'token_type', ['refresh_token', 'N_A', 5], 'type'),
  ...each('I34 token_use', 'token_use', ['refresh_token', 'id'], 'type'),
  { id: 'I34 typ Refresh', over: { typ: 'Refresh' }, expected: 'type' },
  ...each('I34 token_type', 'token_type', ['Bearer', 'access_token'], 'ok'),
  ...each('I35 sub', 'sub', [undefined, null, {}, ''], 'subject'),
  { id: 'an empty scope means none', over: { scope: '' }, expected: 'ok' },
  { id: 'a malformed scope', over: { scope: 'a  b' }, expected: 'claims' },
]

test.each(CASES)('$id: $expected', async ({ over, expected, settings }) => {
  const scene = await open(settings)
  scene.as.introspect = () => active(scene, over)
  expect(outcome(await scene.verify(TOKEN))).toBe(expected)
  expect(scene.as.requests.introspection).toBe(1)
})

test('I04 exp written as 1e999', async () => {
  const scene = await open()
  scene.as.introspect = () => JSON.stringify(active(scene, { exp: 77 })).replace('"exp":77', '"exp":1e999')
  expect(outcome(await scene.verify(TOKEN))).toBe('expiry')
})

test.each([undefined, ''])('an answer with the scope %j grants none', async (scope) => {
  const scene = await open()
  scene.as.introspect = () => active(scene, { scope })
  const result = await scene.verify(TOKEN)
  expect(result.ok && result.value.scopes.size).toBe(0)
})

test('I28 the token is one form parameter, whatever it contains', async () => {
  const scene = await open()
  for (const token of ['abc&token=victim&token_type_hint=x', 'a+b', '%00', 'a=b'])
    await scene.issuer.introspection?.introspect(bearer(token), 'somebody')
  expect(scene.as.asked.map(({ form }) => form.getAll('token'))).toEqual([
    ['abc&token=victim&token_type_hint=x'],
    ['a+b'],
    ['%00'],
    ['a=b'],
  ])
})

test('I34 the issuer is told that an access token is meant', async () => {
  const scene = await open()
  await scene.verify(TOKEN)
  expect(scene.as.asked[0]?.form.getAll('token_type_hint')).toEqual(['access_token'])
})

test('I29 both halves are form-urlencoded before they are joined', async () => {
  const scene = await open({ clientId: 'gate:way', clientSecret: new Secret('p%:+ é') })
  await scene.verify(TOKEN)
  const [asked] = scene.as.asked
  const [scheme, pair = ''] = asked?.headers.authorization?.split(' ') ?? []
  expect(scheme).toBe('Basic')
  expect(Buffer.from(pair, 'base64').toString()).toBe('gate%3Away:p%25%3A%2B+%C3%A9')
  expect(asked?.form.has('client_secret')).toBe(false)
})

test('I14 a JWT without algorithm, or malformed, is refused without a question', async () => {
  const scene = await open()
  scene.as.introspect = () => active(scene)
  const [, payload] = scene.as.sign(scene.claims()).split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const plus = Buffer.from(' {"alg":"none"}').toString('base64')
  for (const token of [`${none}.${payload}.`, `${none}.${payload}`, `${plus}.${payload}.`, `${none}.x.y.z`])
    expect(['algorithm', 'shape']).toContain(outcome(await scene.verify(token)))
  expect(scene.as.requests.introspection).toBe(0)
})

test('I13 a definite no about a JWT is final, whatever the issuer would say', async () => {
  const introspection = introspectionSettings()
  const scene = await openScene({ settings: { validation: 'jwt_else_introspection', introspection } })
  scene.as.introspect = () => active(scene)
  const good = scene.as.sign(scene.claims())
  const tokens = [
    scene.as.sign(scene.claims({ exp: NOW - 60 })),
    `${good.slice(0, -40)}${'A'.repeat(40)}`,
    scene.as.sign(scene.claims({ aud: `${RESOURCE}2` })),
  ]
  expect((await Promise.all(tokens.map((token) => scene.verify(token)))).map(outcome)).toEqual([
    'expiry',
    'signature',
    'audience',
  ])
  expect(scene.as.requests.introspection).toBe(0)
})
