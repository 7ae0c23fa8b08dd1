// Signing in at an outside provider gives each client what the person gave it, and nothing of the provider's: consent
// for each, cookies that speak for one, tokens and errors of our own.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentOf, allow, leaveWith, PUBLIC, SITE, siteUrl } from '../account/steps.ts'
import type { Agent, Answer } from '../support/agent.ts'
import { databaseOf } from '../support/database.ts'
import type { FakeProvider, Reply } from '../support/provider.ts'
import { clientOf, RESOURCE, type Scene } from '../support/scene.ts'
import { EVERYBODY, startWay, type Way } from '../support/way.ts'

const OTHER = 'https://other.example.com/callback?tenant=a'

let way: Way
let provider: FakeProvider
let scene: Scene
beforeEach(async () => {
  const client = { ...clientOf('site', 'A site', SITE), application_type: 'web' as const }
  const grants = { grant_types: ['authorization_code', 'refresh_token'] }
  way = await startWay(EVERYBODY, 'oidc', { publicUrl: PUBLIC, clients: [{ ...client, ...grants }] })
  provider = way.provider
  scene = way.scene
})
afterEach(() => way.close())

const newAgent = () => agentOf(scene)
const site = () => siteUrl(scene)

/** Another client, as it makes itself known: by registration, and the URL that it sends the browser to. */
async function registered(): Promise<string> {
  const answer = await fetch(`${scene.listening}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Y', redirect_uris: [OTHER], token_endpoint_auth_method: 'none' }),
  })
  const { client_id: id } = (await answer.json()) as { client_id: string }
  return scene.authorizeUrl(id, { redirect_uri: OTHER })
}

/** Through the provider to the consent page. */
async function toConsent(agent: Agent, url = site()): Promise<Answer> {
  const page = await agent.follow(await agent.get(await way.depart(agent, url)))
  expect(page.body).toContain('name="answer" value="allow"')
  return page
}

type Said = Readonly<Record<string, string>>

async function token(form: Said): Promise<{ status: number; text: string; json: Said }> {
  const answer = await fetch(`${scene.listening}/token`, { method: 'POST', body: new URLSearchParams(form) })
  const text = await answer.text()
  return { status: answer.status, text, json: JSON.parse(text) as Said }
}

function redeem(code: string | null) {
  return token({
    grant_type: 'authorization_code',
    client_id: 'site',
    code: code ?? '',
    redirect_uri: SITE,
    code_verifier: 'v'.repeat(43),
  })
}

const refresh = (refreshToken: string | undefined) =>
  token({ grant_type: 'refresh_token', client_id: 'site', refresh_token: refreshToken ?? '' })

describe('consent for each client', () => {
  test('A22, CDP-01: a client that registered itself, while another one is agreed to', async () => {
    const agent = newAgent()
    await allow(agent, await toConsent(agent))
    const before = [...provider.asked]
    const page = await agent.follow(await agent.get(await registered()))
    expect(page.body).toContain('Y wants to use mcp.example.com/notes/mcp<')
    expect(page.body).toContain('other.example.com')
    expect(provider.asked).toEqual(before)
    expect((await agent.follow(await agent.get(site()))).location).toMatch(/^https:\/\/client\.example\.com/)
  })

  test('A22, CDP-01: in a browser without a session, Y is named before anything goes to the provider', async () => {
    const agent = newAgent()
    const page = await agent.follow(await agent.get(await registered()))
    expect(page.body).toContain('Sign in to let Y use mcp.example.com/notes/mcp')
    expect([provider.asked, agent.cookies.has('__Host-portcullis-way')]).toEqual([[], false])
  })

  test('CDP-01: what one person agreed to, nobody else has', async () => {
    const agent = newAgent()
    await allow(agent, await toConsent(agent))
    provider.idToken = { sub: 'sub-2' }
    provider.userinfo = { sub: 'sub-2' }
    const other = await toConsent(newAgent())
    expect(other.body).toContain('A site wants to use mcp.example.com/notes/mcp<')
  })

  test('CDP-02: name, scopes asked of the provider, redirect address; a token against forgery, and no frame', async () => {
    const agent = newAgent()
    const url = await registered()
    const pages = [await agent.follow(await agent.get(url)), await toConsent(agent, url)]
    for (const page of pages) {
      expect(page.body).toMatch(/<dt>App<\/dt><dd>Y <span class="badge warn">not verified<\/span><\/dd>/)
      expect(page.body).toContain('<strong>other.example.com</strong>')
      expect(page.body).toContain(OTHER)
      expect(page.body).toMatch(/<input type="hidden" name="csrf" value="[\w-]{43}">/)
      expect(page.headers.get('x-frame-options')).toBe('DENY')
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
    expect(pages[0]?.body).toContain('Fake is asked for: openid, email')
    expect(pages[1]?.body).toContain('Read your notes')
  })

  test('CDP-02: a form without its token goes nowhere', async () => {
    const agent = newAgent()
    const page = await agent.follow(await agent.get(await registered()))
    const forged = await agent.press(page, 'provider', 'fake', { with: 'provider', csrf: 'x'.repeat(43) })
    expect([forged.status, provider.asked]).toEqual([403, []])
  })
})

describe('cookies', () => {
  const ATTRIBUTES =
    /^__Host-portcullis-[a-z-]+=[\w-]*; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/

  test('A20, CDP-03: the one that holds the state comes with the button, __Host-, sealed, for ten minutes', async () => {
    const agent = newAgent()
    await agent.follow(await agent.get(site()))
    expect(agent.cookies.has('__Host-portcullis-way')).toBe(false)
    const callback = new URL(await way.depart(agent, site()))
    const set = agent.setCookies.find((cookie) => cookie.startsWith('__Host-portcullis-way='))
    expect(set).toMatch(ATTRIBUTES)
    expect(set).toContain('; Max-Age=600;')
    const opened = Buffer.from(agent.cookies.get('__Host-portcullis-way') ?? '', 'base64url').toString(
      'latin1',
    )
    expect(opened).not.toContain(callback.searchParams.get('state'))
  })

  test('CDP-03: every one of the way to a consent is __Host-, Secure, HttpOnly and Lax', async () => {
    const agent = newAgent()
    await allow(agent, await toConsent(agent))
    const ours = agent.setCookies.filter(
      (cookie) => cookie.startsWith('__Host-portcullis-') && !/session/.test(cookie),
    )
    const names = new Set(ours.map((cookie) => cookie.split('=')[0]))
    const expected = ['form', 'way', 'arrived', 'signed-in'].map((name) => `__Host-portcullis-${name}`)
    expect(names).toEqual(new Set(expected))
    for (const cookie of ours) expect(cookie).toMatch(ATTRIBUTES)
  })

  test('CDP-03: what came back for one client does not sign in for another', async () => {
    const agent = newAgent()
    const other = await agent.follow(await agent.get(await registered()))
    const ofOther = new Map(agent.cookies)
    const { location = '' } = await agent.get(await way.depart(agent, site()))
    expect(location).toMatch(/^https:\/\/mcp\.example\.com\/interaction\/[\w-]+\/arrived$/)
    // Cookies of an interaction have its path; a browser holds those of both.
    const ofSite = new Map(agent.cookies)
    const held = (own: ReadonlyMap<string, string>) => {
      const all = new Map([...own, ['__Host-portcullis-arrived', ofSite.get('__Host-portcullis-arrived')]])
      return { cookie: [...all].map((pair) => pair.join('=')).join('; ') }
    }
    const elsewhere = await newAgent().get(`${other.url}/arrived`, held(ofOther))
    expect([elsewhere.status, elsewhere.body.includes('This request is over')]).toEqual([400, true])
    expect((await newAgent().get(location, held(ofSite))).status).toBe(303)
  })

  test('CDP-03: no cookie says that a client was agreed to; the store does, for this person and client', async () => {
    const agent = newAgent()
    await allow(agent, await toConsent(agent))
    expect((await agent.follow(await agent.get(site()))).location).toContain('code=')
    databaseOf(scene.engine.store).exec('DELETE FROM consents')
    expect((await agent.follow(await agent.get(site()))).body).toContain('A site wants to use')
  })
})

describe('what the provider says of itself', () => {
  const shifted: readonly (readonly [string, (url: string) => string | undefined])[] = [
    ['with a slash', (url) => `${url}/`],
    ['in capitals', (url) => url.replace('http', 'HTTP')],
    ['with a path', (url) => `${url}/realm`],
    ['of another port', () => 'http://127.0.0.1:1'],
    ['twice', (url) => `${url},${url}`],
    ['empty', () => ''],
    ['absent', () => undefined],
  ]
  test.each(shifted)('A19, CDP-06: the issuer %s, at the callback', async (_how, shift) => {
    provider.redirect = (callback) => {
      const iss = shift(provider.url)
      if (iss === undefined) callback.searchParams.delete('iss')
      else callback.searchParams.set('iss', iss)
      return callback
    }
    const agent = newAgent()
    way.expectRefused(await agent.get(await way.depart(agent)))
    expect(provider.asked).not.toContain('/token')
  })

  test.each([
    ['another nonce', { nonce: 'x'.repeat(43) }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another audience', { aud: ['portcullis-at-evil'] }],
  ])('CDP-06: an ID token with %s', async (_how, claims) => {
    provider.idToken = claims
    const agent = newAgent()
    way.expectRefused(await agent.get(await way.depart(agent)))
    expect((await scene.users.list()).map(({ subject }) => subject)).toEqual(['alice'])
  })

  test('CDP-06: its tokens go to no client, and open nothing here', async () => {
    const agent = newAgent()
    const back = await allow(agent, await toConsent(agent))
    const answer = await redeem(back.searchParams.get('code'))
    const claims = JSON.parse(atob((answer.json['access_token'] ?? '').split('.')[1] ?? ''))
    expect(claims).toMatchObject({ iss: PUBLIC, sub: 'fake:sub-1', aud: RESOURCE, client_id: 'site' })
    const theirs = [...provider.tokens, ...provider.idTokens]
    expect(theirs).toHaveLength(2)
    for (const shown of theirs) {
      expect(answer.text + back.href).not.toContain(shown)
      const about = new URLSearchParams({ token: shown, client_id: 'site' })
      const asked = await fetch(`${scene.listening}/introspect`, { method: 'POST', body: about })
      expect(asked.status).toBe(401) // nor may a client without a secret ask
      expect((await refresh(shown)).json['error']).toBe('invalid_grant')
    }
  })
})

describe('H19: errors are OAuth errors, each to whom it concerns', () => {
  test('H19: invalid_grant reaches the client, for a code and for a refresh token', async () => {
    const agent = newAgent()
    const back = await allow(agent, await toConsent(agent))
    const first = await redeem(back.searchParams.get('code'))
    expect(first.status).toBe(200)
    for (const answer of [
      await redeem(back.searchParams.get('code')),
      await redeem('made-up'),
      await refresh('made-up'),
    ])
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_grant'])
  })

  test('H19: a provider that is down is nothing to a client that holds tokens', async () => {
    const agent = newAgent()
    const { json } = await redeem((await allow(agent, await toConsent(agent))).searchParams.get('code'))
    provider.down = true
    expect((await refresh(json['refresh_token'])).status).toBe(200)
  })

  const reply = (status: number, body: string, type = 'application/json'): Reply => ({ status, body, type })
  test.each<[string, Reply, number]>([
    ['invalid_grant', reply(400, '{"error":"invalid_grant","error_description":"<b>x</b>"}'), 400],
    ['invalid_client', reply(401, '{"error":"invalid_client"}'), 400],
    ['server_error', reply(500, '{"error":"server_error"}'), 400],
    ['a page of its own', reply(502, '<h1>Bad gateway</h1>', 'text/html'), 400],
    ['what is no token', reply(200, '{"access_token":7}'), 400],
    ['nothing', reply(200, ''), 400],
  ])(
    'H19: the token endpoint of the provider answers %s: a page, in our words',
    async (_what, said, status) => {
      provider.token = said
      const agent = newAgent()
      const refused = await agent.get(await way.depart(agent))
      way.expectRefused(refused, status)
      expect(refused.body).not.toMatch(/<b>|Bad gateway|server_error|invalid_/)
    },
  )

  test.each(['access_denied', 'server_error', 'temporarily_unavailable', 'login_required'])(
    'H19: the provider says %s: the person can still say no, and the client hears of it',
    async (error) => {
      provider.redirect = (callback) => {
        callback.searchParams.delete('code')
        callback.searchParams.set('error', error)
        return callback
      }
      const agent = newAgent()
      const page = await agent.follow(await agent.get(site()))
      way.expectRefused(await agent.get(await way.departFrom(agent, page)))
      const again = await agent.get(page.url)
      const back = await leaveWith(agent, await agent.press(again, 'with', 'nothing'))
      expect(Object.fromEntries(back.searchParams)).toMatchObject({
        ...{ error: 'access_denied', iss: PUBLIC, state: 'state-of-client' },
      })
    },
  )
})
