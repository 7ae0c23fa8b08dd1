// Discovery: where metadata is looked for (META-02), what is refused in it (J54, META-03), and what an operator
// is told at start.
import { expect, test } from 'vitest'
import { createIssuer } from '../../src/token/issuer.ts'
import { endpointFault, wellKnownUrls } from '../../src/token/issuer-urls.ts'
import type { Fault } from '../support/issuer.ts'
import { introspectionSettings, issuerSettings, openScene, outcome } from './scene.ts'

test.each([
  ['https://as.example', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
  ['https://as.example/', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
  [
    'https://as.example/t1',
    [
      '/.well-known/oauth-authorization-server/t1',
      '/.well-known/openid-configuration/t1',
      '/t1/.well-known/openid-configuration',
    ],
  ],
  [
    'https://as.example/a/b/',
    [
      '/.well-known/oauth-authorization-server/a/b',
      '/.well-known/openid-configuration/a/b',
      '/a/b/.well-known/openid-configuration',
    ],
  ],
])('META-02 %s', (issuer, paths) => {
  expect(wellKnownUrls(issuer)).toEqual(paths.map((path) => `https://as.example${path}`))
})

test.each([
  ['https://as.example/x', false, undefined],
  ['http://as.example/x', false, 'is not https'],
  ['http://as.example/x', true, 'is neither https nor http on a loopback address'],
  ['http://127.0.0.1:9/x', false, 'is not https'],
  ['http://127.0.0.1:9/x', true, undefined],
  ['http://[::1]:9/x', true, undefined],
  ['http://localhost/x', true, undefined],
  ['http://localhost.evil.example/x', true, 'is neither https nor http on a loopback address'],
  ['http://127.0.0.1.evil.example/x', true, 'is neither https nor http on a loopback address'],
  ['https://user:pw@as.example/x', false, 'carries credentials'],
  ['https://as.example/x#y', false, 'has a fragment'],
  ['ftp://as.example/x', true, 'is neither https nor http on a loopback address'],
  ['as.example', true, 'is not an absolute URL'],
])('J54, I30 %s (insecure allowed: %s): %s', (url, insecure, fault) => {
  expect(endpointFault(url, insecure)).toBe(fault)
})

test.each([0, 1, 2])('META-02 form %i alone is enough', async (index) => {
  const last = ['/.well-known/oauth-authorization-server/t1', '/.well-known/openid-configuration/t1'].concat(
    '/t1/.well-known/openid-configuration',
  )
  const serves = (path: string) => !path.includes('well-known') || path === last[index]
  const scene = await openScene({ server: { path: '/t1', serves } })
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('ok')
  expect(scene.as.paths).toEqual([last[index]])
})

const LIES: readonly (readonly [id: string, over: object, sentence: RegExp])[] = [
  [
    'another issuer',
    { issuer: 'https://evil.example' },
    /names `https:\/\/evil\.example`; write exactly that/,
  ],
  ['no issuer', { issuer: undefined }, /names no issuer/],
  [
    'keys over plain http',
    { jwks_uri: 'http://evil.example/jwks' },
    /jwks_uri in its metadata is neither https/,
  ],
  [
    'introspection over plain http',
    { introspection_endpoint: 'http://evil.example/i' },
    /introspection_endpoint in/,
  ],
  ['keys that are no string', { jwks_uri: 5 }, /jwks_uri in its metadata is not a string/],
  ['no keys', { jwks_uri: undefined }, /has no jwks_uri/],
]

test.each(LIES)('J54 metadata with %s is refused, at start', async (_id, over, sentence) => {
  const scene = await openScene()
  Object.assign(scene.as.metadata, over)
  expect((await scene.issuer.probe()).join()).toMatch(sentence)
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('issuer_unreachable')
  expect(scene.as.requests.jwks).toBe(0)
})

test('J54 metadata that turns into a lie is refused, and the old keys are kept', async () => {
  const scene = await openScene()
  const token = () => scene.as.sign(scene.claims({ exp: scene.clock.wall / 1000 + 60, iat: undefined }))
  expect(outcome(await scene.verify(token()))).toBe('ok')
  Object.assign(scene.as.metadata, { issuer: 'https://evil.example', jwks_uri: 'http://127.0.0.1:1/jwks' })
  scene.clock.pass(700_000)
  expect(outcome(await scene.verify(token()))).toBe('ok')
  expect(scene.issuer.status().lastError).toContain('names `https://evil.example`')
})

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['reset', 'reset'],
  ['hang', 'hang'],
  ['one byte at a time', 'drip'],
  ['HTML', 'html'],
  ['truncated', 'truncated'],
  ['huge', 'huge'],
  ['redirect', { status: 302, headers: { location: '/elsewhere' } }],
  ['500', { status: 500 }],
  ['an array', { status: 200, body: '[]' }],
]

test.each(FAULTS)('metadata %s: 503, a finding, and it heals', async (_id, fault) => {
  const scene = await openScene({ timeoutMs: 1_000 })
  scene.as.faults.metadata = fault
  expect(await scene.issuer.probe()).toHaveLength(1)
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('issuer_unreachable')
  expect(scene.issuer.status()).toMatchObject({ name: 'corp', ready: false, ageMs: undefined })
  delete scene.as.faults.metadata
  scene.clock.pass(2000)
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('ok')
  expect(scene.issuer.status()).toEqual({ name: 'corp', ready: true, ageMs: 0, lastError: undefined })
})

test('a healthy issuer gives no finding', async () => {
  const introspection = introspectionSettings()
  const scene = await openScene({ settings: { validation: 'jwt_else_introspection', introspection } })
  expect(await scene.issuer.probe()).toEqual([])
})

test.each([
  ['META-04 no PKCE', { code_challenge_methods_supported: undefined }, /no code_challenge_methods_supported/],
  ['META-04 plain PKCE', { code_challenge_methods_supported: ['plain'] }, /does not offer PKCE with S256/],
  ['no introspection endpoint', { introspection_endpoint: undefined }, /has no introspection_endpoint/],
])('%s is a finding', async (_id, over, sentence) => {
  const introspection = introspectionSettings()
  const scene = await openScene({ settings: { validation: 'jwt_else_introspection', introspection } })
  Object.assign(scene.as.metadata, over)
  const findings = await scene.issuer.probe()
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatch(sentence)
})

test('an issuer URL over plain http to another machine is never asked', async () => {
  const issuer = createIssuer(issuerSettings('http://as.example', { allowInsecureIssuer: false }))
  expect(await issuer.probe()).toEqual(['issuer corp: the issuer URL is not https'])
  await issuer.close()
})
