// What an ID token is held against, at an outside provider and at an issuer where browsers sign in: signature, client,
// time, access token, and the person. Each is a sign-in over sockets at a provider that answers wrongly.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encode, newKey, signCompact } from '../../support/issuer.ts'
import { createAgent } from '../support/agent.ts'
import { auth, type Elsewhere, startElsewhere } from '../support/elsewhere.ts'
import { type FakeProvider, startProvider } from '../support/provider.ts'
import { EVERYBODY, expectConsent, NOBODY, startWay, type Way } from '../support/way.ts'

const FOREIGN = newKey('provider-1')
const DAY = 86_400

/** The same claims under another signature. */
function resign(idToken: string, header: object): string {
  return signCompact(JSON.stringify({ alg: 'ES256', ...header }), claimsOf(idToken), FOREIGN.privateKey)
}

function claimsOf(idToken: string): string {
  return Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()
}

type Spoil = (provider: FakeProvider) => void
const signatures: readonly (readonly [what: string, spoil: Spoil])[] = [
  ['AAAA', (provider) => (provider.spoil = (token) => token.replace(/[^.]*$/, 'AAAA'))],
  ['none', (provider) => (provider.spoil = (token) => token.replace(/[^.]*$/, ''))],
  [
    'a key of somebody else under the same name',
    (p) => (p.spoil = (token) => resign(token, { kid: FOREIGN.kid })),
  ],
  ['a key in its header', (p) => (p.spoil = (token) => resign(token, { jwk: FOREIGN.jwk }))],
  ['a key without a name', (provider) => (provider.spoil = (token) => resign(token, {}))],
  [
    'alg none',
    (provider) => (provider.spoil = (token) => `${encode('{"alg":"none"}')}.${encode(claimsOf(token))}.`),
  ],
  ['keys that cannot be had', (provider) => (provider.metadata = { jwks_uri: `${provider.url}/nowhere` })],
  ['no keys', (provider) => (provider.keys.published = [])],
]
const claims: readonly (readonly [what: string, spoil: Spoil])[] = [
  ['azp of another client', ({ idToken }) => Object.assign(idToken, { azp: 'another-client' })],
  [
    'iat a day ahead',
    ({ idToken }) => Object.assign(idToken, { iat: nowSeconds() + DAY, exp: nowSeconds() + 2 * DAY }),
  ],
  ['a wrong at_hash', ({ idToken }) => Object.assign(idToken, { at_hash: 'x'.repeat(22) })],
]

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000)
}

describe('an outside provider', () => {
  let way: Way
  beforeEach(async () => {
    way = await startWay(EVERYBODY)
  })
  afterEach(() => way.close())

  test.each(signatures)('A86: an ID token signed with %s', async (_what, spoil) => {
    spoil(way.provider)
    way.expectRefused(await way.signIn())
    expect((await way.scene.users.list()).map(({ subject }) => subject)).toEqual(['alice'])
  })

  test.each(claims)('A88: an ID token with %s', async (_what, spoil) => {
    spoil(way.provider)
    way.expectRefused(await way.signIn())
  })

  test('A86: a provider whose metadata names no keys is gone to by nobody', async () => {
    way.provider.metadata = { jwks_uri: undefined }
    const agent = createAgent()
    const page = await agent.follow(await agent.get(way.scene.authorizeUrl()))
    expect((await agent.press(page, 'provider', 'fake', { with: 'provider' })).status).toBe(502)
  })

  test('its own azp and the right at_hash are fine', async () => {
    Object.assign(way.provider.idToken, { azp: 'portcullis-at-fake' })
    way.provider.spoil = (idToken, accessToken) => {
      const digest = createHash('sha256').update(accessToken).digest().subarray(0, 16)
      const told = { ...(JSON.parse(claimsOf(idToken)) as object), at_hash: digest.toString('base64url') }
      const { kid, privateKey } = way.provider.keys.signs
      return signCompact(JSON.stringify({ alg: 'ES256', kid }), JSON.stringify(told), privateKey)
    }
    expectConsent(await way.signIn())
  })

  test('a key that is rotated between two sign-ins is found, and the old one is gone with it', async () => {
    expectConsent(await way.signIn())
    const old = way.provider.keys.signs
    const next = newKey('provider-2')
    way.provider.keys.signs = next
    way.provider.keys.published = [next.jwk]
    await expect
      .poll(async () => (await way.signIn()).body, { timeout: 10_000, interval: 500 })
      .toContain('wants to use')
    way.provider.keys.signs = old
    way.expectRefused(await way.signIn())
  })
})

describe('A87: an address of one answer, and another answer that says it was checked', () => {
  const BOSS = 'boss@example.com'
  const mine = { sub: 'sub-1', email: 'mine@evil.example', email_verified: true }
  const rows: readonly (readonly [string, object, Record<string, unknown>, boolean])[] = [
    ['the address in the ID token, checked is another', { email: BOSS }, mine, false],
    [
      'not checked in the ID token, checked in userinfo',
      { email: BOSS, email_verified: false },
      { ...mine, email: BOSS },
      false,
    ],
    ['both in the ID token', { email: BOSS, email_verified: true }, mine, true],
    ['both in userinfo', {}, { ...mine, email: BOSS }, true],
    ['the same address in both, checked in userinfo', { email: BOSS }, { ...mine, email: BOSS }, true],
    [
      'checked in the ID token, which has no address',
      { email_verified: true },
      { sub: 'sub-1', email: BOSS },
      false,
    ],
  ]
  test.each(rows)('%s', async (_what, idToken, userinfo, isLetIn) => {
    const way = await startWay({ ...NOBODY, domains: ['example.com'] })
    Object.assign(way.provider.idToken, idToken)
    way.provider.userinfo = userinfo
    const answer = await way.signIn()
    if (isLetIn) expectConsent(answer)
    else way.expectRefused(answer)
    await way.close()
  })
})

describe('an issuer where browsers sign in', () => {
  let provider: FakeProvider
  let gateway: Elsewhere
  beforeEach(async () => {
    provider = await startProvider()
    gateway = await startElsewhere(provider.url)
    provider.accessToken = { aud: `${gateway.origin}/notes/mcp`, scope: 'notes:read', client_id: 'desk' }
  })
  afterEach(async () => {
    await gateway.close()
    await provider.close()
  })

  async function signIn(): Promise<number> {
    const agent = createAgent()
    const begun = await agent.get(auth(gateway, 'login'))
    if (begun.location === undefined) return begun.status
    const back = await fetch(begun.location, { redirect: 'manual' })
    return (await agent.get(back.headers.get('location') ?? '')).status
  }

  const unreadable = signatures.filter(([what]) => !what.includes('keys'))
  test.each([...unreadable, ...claims])('A86, A88: an ID token with %s', async (_what, spoil) => {
    spoil(provider)
    expect(await signIn()).toBe(400)
    expect(gateway.audit()).toMatch(/browser: (?:the ID token|OAUTH_)/)
  })

  test('A89: the ID token of one person with an access token of another', async () => {
    Object.assign(provider.accessToken ?? {}, { sub: 'sub-2' })
    expect(await signIn()).toBe(400)
    expect(gateway.audit()).toContain('about somebody else than the access token')
    Object.assign(provider.accessToken ?? {}, { sub: 'sub-1' })
    expect(await signIn()).toBe(303)
  })
})
