// Signing in through an outside provider over sockets, and every way that has gone wrong for others: mix-up, foreign
// state, replay, a captured link, answers that are not what they should be.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProviderAllow, ProviderSettings } from '../../../src/core/settings-as.ts'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import { type FakeProvider, type Reply, startProvider } from '../support/provider.ts'
import { type Scene, SETTINGS, startScene } from '../support/scene.ts'

const NOBODY: ProviderAllow = { subjects: [], domains: [], groups: [], organizations: [] }
const EVERYBODY: ProviderAllow = { ...NOBODY, subjects: ['*'] }

let provider: FakeProvider
let scene: Scene
beforeEach(async () => {
  provider = await startProvider()
})
afterEach(async () => {
  await scene.close()
  await provider.close()
})

function settingsOf(allow: ProviderAllow, kind: 'oidc' | 'oauth'): ProviderSettings {
  const github = { authorization: '/authorize', token: '/oauth-token', userinfo: '/user' }
  const at = (path: string) => `${provider.url}${path}`
  const endpoints = {
    authorization: at(github.authorization),
    token: at(github.token),
    userinfo: at(github.userinfo),
  }
  return {
    name: 'fake',
    label: 'Fake',
    issuer: kind === 'oidc' ? provider.url : undefined,
    endpoints: kind === 'oauth' ? endpoints : undefined,
    allowInsecureIssuer: true,
    clientId: 'portcullis-at-fake',
    clientSecret: undefined,
    scopes: kind === 'oidc' ? ['openid', 'email'] : ['read:user', 'user:email', 'read:org'],
    claims: { subject: kind === 'oidc' ? 'sub' : 'id', name: 'name', email: 'email', groups: 'groups' },
    allow,
  }
}

async function start(allow: ProviderAllow, kind: 'oidc' | 'oauth' = 'oidc'): Promise<void> {
  const providers = new Map([['fake', settingsOf(allow, kind)]])
  scene = await startScene({ settings: { signIn: { ...SETTINGS.signIn, providers } } })
}

/** From the client to the button of the provider, pressed; the answer is the page of the provider's redirect. */
async function depart(agent: Agent): Promise<string> {
  const page = await agent.follow(await agent.get(scene.authorizeUrl()))
  const leave = await agent.press(page, 'provider', 'fake', { with: 'provider' })
  expect(leave.status).toBe(303)
  const leaving = await agent.get(leave.location ?? '')
  const authorize = /content="0; url=([^"]*)"/.exec(leaving.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  expect(new URL(authorize).origin).toBe(provider.url)
  const back = await fetch(authorize, { redirect: 'manual' })
  return back.headers.get('location') ?? ''
}

/** The whole way; ends on the consent page, or where it was refused. */
async function signIn(agent = createAgent()): Promise<Answer> {
  return await agent.follow(await agent.get(await depart(agent)))
}

function expectConsent(answer: Answer): void {
  expect([answer.status, answer.body.includes('Connect Notes for Claude?')]).toEqual([200, true])
}

function expectRefused(answer: Answer, status = 400): void {
  expect(answer.status).toBe(status)
  expect(answer.body).toContain('This did not work')
  expect(scene.events.at(-1)).toMatchObject({ event: 'sign_in_refused', actor: 'unknown' })
}

describe('an OpenID Connect provider', () => {
  beforeEach(() => start(EVERYBODY))

  test('signs a person in, who is then asked for consent, and is on record', async () => {
    expectConsent(await signIn())
    expect(scene.users.find('fake:sub-1')).toMatchObject({
      provider: 'fake',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      emailVerified: true,
    })
    expect(scene.events.map(({ event, subject }) => [event, subject])).toEqual([['sign_in', 'fake:sub-1']])
  })

  test('A22, CDP-01: the page says which client asks before anything goes to the provider', async () => {
    const agent = createAgent()
    const page = await agent.follow(await agent.get(scene.authorizeUrl()))
    expect(page.body).toContain('Notes for Claude')
    expect(page.body).toContain(new URL(scene.callbackUrl).host)
    expect(page.body).toContain('openid, email')
    expect(provider.asked).toEqual([])
  })

  test('CDP-04: no state is kept before the button is pressed, and one after', async () => {
    const agent = createAgent()
    const kept = () =>
      scene.engine.store.database.prepare('SELECT count(*) AS n FROM single_use').get()?.['n']
    await agent.follow(await agent.get(scene.authorizeUrl()))
    expect(kept()).toBe(0)
    await depart(agent)
    expect(kept()).toBe(1)
  })

  test('A19: an answer with the issuer of somebody else', async () => {
    provider.redirect = (callback) => {
      callback.searchParams.set('iss', 'https://evil.example.com')
      return callback
    }
    expectRefused(await signIn())
    expect(provider.asked).not.toContain('/token')
  })

  test('A19: an answer without an issuer, from a provider that says it sends one', async () => {
    provider.redirect = (callback) => {
      callback.searchParams.delete('iss')
      return callback
    }
    expectRefused(await signIn())
    expect(provider.asked).not.toContain('/token')
  })

  test.each([
    ['absent', (callback: URL) => callback.searchParams.delete('state')],
    ['another', (callback: URL) => callback.searchParams.set('state', 'x'.repeat(43))],
    ['twice', (callback: URL) => callback.searchParams.append('state', 'y')],
  ])('A20: state %s', async (_name, change) => {
    provider.redirect = (callback) => {
      change(callback)
      return callback
    }
    expectRefused(await signIn())
    expect(provider.asked).not.toContain('/token')
  })

  test('A20: the same answer a second time, in the same browser with the same cookie', async () => {
    const agent = createAgent()
    const callback = await depart(agent)
    const cookies = new Map(agent.cookies)
    expectConsent(await agent.follow(await agent.get(callback)))
    for (const [name, value] of cookies) agent.cookies.set(name, value)
    expectRefused(await agent.get(callback))
  })

  test('A20: after ten minutes', async () => {
    const agent = createAgent()
    const callback = await depart(agent)
    scene.clock.now += 10 * 60_000
    expectRefused(await agent.get(callback))
  })

  test('A21: a captured link to the provider, opened in the browser of a victim', async () => {
    const attacker = createAgent()
    const callback = await depart(attacker)
    expectRefused(await createAgent().get(callback))
    expect(provider.asked).not.toContain('/token')
  })

  test('A21: the victim began a sign-in too: its cookie does not fit the state of another', async () => {
    const callback = await depart(createAgent())
    const victim = createAgent()
    await depart(victim)
    expectRefused(await victim.get(callback))
  })

  test('a code that was redeemed before', async () => {
    const agent = createAgent()
    const callback = new URL(await depart(agent))
    const other = new URL(await depart(createAgent()))
    callback.searchParams.set('code', other.searchParams.get('code') ?? '')
    expectRefused(await agent.get(callback.href))
  })

  test.each([
    ['nonce', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['issuer', { iss: 'https://evil.example.com' }],
    ['audience', { aud: 'another-client' }],
    ['expired', { exp: 1 }],
  ])('an ID token with a wrong claim: %s', async (_name, claims) => {
    provider.idToken = claims
    expectRefused(await signIn())
  })

  const faults: [string, Record<string, unknown> | Reply][] = [
    ['401', { status: 401, body: '{}' }],
    ['500', { status: 500, body: '{}' }],
    ['HTML', { type: 'text/html', body: '<html>{}</html>' }],
    ['not JSON', { body: '{' }],
    ['another subject', { sub: 'sub-2' }],
    ['no subject', { name: 'nobody' }],
    ['an empty subject', { sub: '' }],
    ['a redirect', { status: 302, body: '' }],
  ]
  test.each(faults)('G11: userinfo answers %s', async (_name, userinfo) => {
    provider.userinfo = userinfo
    expectRefused(await signIn())
    expect(scene.users.list().map(({ subject }) => subject)).toEqual(['alice'])
  })

  test('G3: what the provider says of an error is not shown', async () => {
    provider.redirect = (callback) => {
      callback.searchParams.delete('code')
      callback.searchParams.set('error', 'access_denied')
      callback.searchParams.set('error_description', '<b>call 555-0100</b>')
      return callback
    }
    const refused = await signIn()
    expectRefused(refused)
    expect(refused.body).not.toContain('555')
  })

  test('a provider that is down: said on the page, and the page still works', async () => {
    provider.down = true
    const agent = createAgent()
    const page = await agent.follow(await agent.get(scene.authorizeUrl()))
    const answer = await agent.press(page, 'provider', 'fake', { with: 'provider' })
    expect(answer.status).toBe(502)
    expect(answer.body).toContain('does not answer as it should')
    provider.down = false
    expect((await agent.press(answer, 'provider', 'fake', { with: 'provider' })).status).toBe(303)
  })

  test('G12: nothing that the provider issued is kept', async () => {
    expectConsent(await signIn())
    const { database } = scene.engine.store
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    const dump = tables
      .map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM ${name}`).all()))
      .join()
    expect(dump).toContain('fake:sub-1')
    expect(provider.tokens.length).toBe(1)
    for (const token of provider.tokens) expect(dump).not.toContain(token)
  })

  test('a person whom the operator disabled', async () => {
    expectConsent(await signIn())
    scene.users.setDisabled('fake:sub-1', true)
    expectRefused(await signIn())
  })
})

describe('who may come in', () => {
  const rows: [string, ProviderAllow, Record<string, unknown>, boolean][] = [
    ['nobody when nothing is said', NOBODY, {}, false],
    ['a subject', { ...NOBODY, subjects: ['sub-1'] }, {}, true],
    ['another subject', { ...NOBODY, subjects: ['sub-2'] }, {}, false],
    ['the domain of a checked address', { ...NOBODY, domains: ['Example.com'] }, {}, true],
    [
      'the domain of an unchecked address',
      { ...NOBODY, domains: ['example.com'] },
      { email_verified: false },
      false,
    ],
    ['email_verified as text', { ...NOBODY, domains: ['example.com'] }, { email_verified: 'true' }, false],
    ['a domain that only ends alike', { ...NOBODY, domains: ['ple.com'] }, {}, false],
    ['two at signs', { ...NOBODY, domains: ['example.com'] }, { email: 'a@example.com@evil.com' }, false],
    ['a group', { ...NOBODY, groups: ['staff'] }, { groups: ['staff'] }, true],
    ['a group that is not a list', { ...NOBODY, groups: ['staff'] }, { groups: 'staff' }, false],
  ]
  test.each(rows)('%s', async (_name, allow, userinfo, enters) => {
    await start(allow)
    provider.userinfo = { ...provider.userinfo, ...userinfo }
    const answer = await signIn()
    if (enters) expectConsent(answer)
    else expectRefused(answer)
  })
})

describe('a plain OAuth 2.0 provider with the API of GitHub', () => {
  const emails = [
    { email: 'spare@evil.com', primary: false, verified: true },
    { email: 'ada@example.com', primary: true, verified: true },
  ]
  const rows: [string, ProviderAllow, Partial<FakeProvider>, boolean][] = [
    ['an organization', { ...NOBODY, organizations: ['ACME'] }, { organizations: [{ login: 'acme' }] }, true],
    [
      'another organization',
      { ...NOBODY, organizations: ['acme'] },
      { organizations: [{ login: 'acme2' }] },
      false,
    ],
    ['the primary checked address', { ...NOBODY, domains: ['example.com'] }, { emails }, true],
    ['an address that is not primary', { ...NOBODY, domains: ['evil.com'] }, { emails }, false],
    ['the public address alone', { ...NOBODY, domains: ['example.com'] }, {}, false],
    ['G11: no id', EVERYBODY, { userinfo: { login: 'ada' } }, false],
    ['G11: 401', EVERYBODY, { userinfo: { status: 401, body: '{}' } }, false],
    ['G11: HTML', EVERYBODY, { userinfo: { type: 'text/html', body: '<html>' } }, false],
    ['G11: a list', EVERYBODY, { userinfo: { body: '[]' } }, false],
  ]
  test.each(rows)('%s', async (_name, allow, said, enters) => {
    await start(allow, 'oauth')
    Object.assign(provider, { userinfo: { id: 42, login: 'ada', email: 'ada@example.com' } }, said)
    const answer = await signIn()
    if (!enters) return expectRefused(answer)
    expectConsent(answer)
    expect(scene.users.find('fake:42')?.provider).toBe('fake')
  })
})
