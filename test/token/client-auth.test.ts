// How the gateway authenticates at an introspection endpoint (I29, RFC 7523), and that its secrets stay in.
import { generateKeyPairSync } from 'node:crypto'
import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { IntrospectionSettings } from '../../src/core/settings.ts'
import { createIssuer } from '../../src/token/issuer.ts'
import { goodClaims, introspectionSettings, issuerSettings, NOW, openScene, outcome } from './scene.ts'

async function open(over: Partial<IntrospectionSettings>) {
  const introspection = introspectionSettings(over)
  const scene = await openScene({ settings: { validation: 'introspection', introspection } })
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url) })
  return scene
}

test('post puts the secret into the form, and into no header', async () => {
  const scene = await open({ auth: 'post', clientSecret: new Secret('p&q=1') })
  expect(outcome(await scene.verify('t'))).toBe('ok')
  const [asked] = scene.as.asked
  expect(Object.fromEntries(asked?.form ?? [])).toEqual({
    token: 't',
    token_type_hint: 'access_token',
    client_id: 'portcullis',
    client_secret: 'p&q=1',
  })
  expect(asked?.headers.authorization).toBe(undefined)
})

test.each([401, 400])(
  'the next secret is tried once after a %i, and preferred from then on',
  async (status) => {
    const scene = await open({ auth: 'post', clientSecretNext: new Secret('n3xt') })
    const secrets = () => scene.as.asked.map(({ form }) => form.get('client_secret'))
    let accepted = 'n3xt'
    scene.as.faults.introspection = (form) =>
      form.get('client_secret') === accepted ? undefined : { status, body: '{"error":"invalid_client"}' }
    expect([outcome(await scene.verify('one')), outcome(await scene.verify('two'))]).toEqual(['ok', 'ok'])
    expect(secrets()).toEqual(['s3cret', 'n3xt', 'n3xt'])
    accepted = 'neither'
    expect(outcome(await scene.verify('three'))).toBe('issuer_unreachable')
    expect(secrets().slice(3)).toEqual(['n3xt', 's3cret'])
  },
)

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const pem = (key: typeof ec.privateKey) => key.export({ format: 'pem', type: 'pkcs8' }).toString()
const jwk = (key: typeof ec.privateKey, over: object) =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...over })

test.each([
  ['an EC key in PEM', pem(ec.privateKey), ec.publicKey, { alg: 'ES256' }],
  ['an RSA key in PEM', pem(rsa.privateKey), rsa.publicKey, { alg: 'RS256' }],
  ['an Ed25519 key in PEM', pem(ed.privateKey), ed.publicKey, { alg: 'EdDSA' }],
  ['a JWK with kid', jwk(ec.privateKey, { kid: 'k1' }), ec.publicKey, { alg: 'ES256', kid: 'k1' }],
  ['an RSA JWK with alg', jwk(rsa.privateKey, { alg: 'PS256' }), rsa.publicKey, { alg: 'PS256' }],
  ['a JWK with the wrong alg', jwk(ec.privateKey, { alg: 'RS256' }), ec.publicKey, { alg: 'ES256' }],
])('private_key_jwt with %s', async (_id, key, publicKey, header) => {
  const scene = await open({ auth: 'private_key_jwt', clientSecret: undefined, privateKey: new Secret(key) })
  expect(outcome(await scene.verify('t'))).toBe('ok')
  const form = scene.as.asked[0]?.form
  expect(form?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
  const { payload, protectedHeader } = await jwtVerify(form?.get('client_assertion') ?? '', publicKey, {
    issuer: 'portcullis',
    subject: 'portcullis',
    audience: scene.as.url,
    currentDate: new Date(NOW * 1000),
    requiredClaims: ['jti', 'exp', 'iat'],
  })
  expect(protectedHeader).toMatchObject(header)
  expect((payload.exp ?? 0) - NOW).toBe(60)
})

test.each([
  [
    'a broken key',
    { auth: 'private_key_jwt', privateKey: new Secret('-----BEGIN topsecret') },
    /cannot be read$/,
  ],
  ['no key', { auth: 'private_key_jwt' }, /needs a private key/],
  ['no secret', { auth: 'basic', clientSecret: undefined }, /needs a client secret/],
] as const)('%s stops the start, and is not quoted', (_id, over, message) => {
  const settings = issuerSettings('https://as.example', { introspection: introspectionSettings(over) })
  expect(() => createIssuer(settings)).toThrow(message)
})
