// A client asks for access: sign-in, consent, and what an attacker tries with either, over sockets.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent, Answer } from '../support/agent.ts'
import { databaseOf } from '../support/database.ts'
import { clientOf, PASSWORD, type Scene, startScene } from '../support/scene.ts'
import { agentOf, allow, leaveWith, openSignIn, PUBLIC, SITE, signIn, siteUrl } from './steps.ts'

let scene: Scene
beforeEach(async () => {
  scene = await startScene({
    publicUrl: PUBLIC,
    clients: [
      { ...clientOf('site', 'A site', SITE), application_type: 'web' },
      { ...clientOf('other-site', 'Another site', SITE), application_type: 'web' },
      clientOf(
        'hostile',
        `<script>alert(1)</script>\u202e\u200b${'x'.repeat(10_000)}`,
        'http://127.0.0.1:1/cb',
      ),
      clientOf('program', 'Google', 'com.example.program:/callback'),
      clientOf('nameless', '\u202e\u200b', 'http://127.0.0.1:1/cb'),
    ],
  })
})
afterEach(() => scene.close())

const newAgent = (): Agent => agentOf(scene)
const site = (client = 'site', more: Readonly<Record<string, string>> = {}) => siteUrl(scene, client, more)

describe('the pages themselves', () => {
  test('A23, A54: no frame, no referrer, no store, no script but that of passkeys, nothing from elsewhere', async () => {
    const agent = newAgent()
    for (const page of [
      await openSignIn(agent, site()),
      await signIn(agent, site()),
      await agent.get(`${PUBLIC}/account`),
    ]) {
      const policy = page.headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(
        /^default-src 'none'; img-src data:; style-src 'sha256-[^']+';(?: script-src 'sha256-[^']+';)? form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      )
      const scripts = policy.includes('script-src') ? ['<script>'] : []
      expect(page.body.match(/<script[^>]*>/g) ?? []).toEqual(scripts)
      expect(page.headers.get('x-frame-options')).toBe('DENY')
      expect(page.headers.get('referrer-policy')).toBe('no-referrer')
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.headers.get('x-content-type-options')).toBe('nosniff')
      expect(page.body).not.toMatch(
        /<script(?!>)|<img|<link(?! rel="icon" href="data:)|<iframe|\son[a-z]+=|(?:src|href)="https?:/i,
      )
    }
  })

  test.each([
    ['hostile', 'http://127.0.0.1:1/cb', /App<\/dt><dd>&lt;script&gt;alert\(1\)&lt;\/script&gt;x{34}…<\/dd>/],
    ['nameless', 'http://127.0.0.1:1/cb', /<dd>An app without a name<\/dd>/],
    ['program', 'com.example.program:/callback', /<strong>com\.example\.program:<\/strong>/],
    ['hostile', 'http://127.0.0.1:1/cb', /<strong>127\.0\.0\.1:1<\/strong>/],
  ])('A25, CIM-06: %s to %s', async (client, redirect, expected) => {
    const page = await openSignIn(newAgent(), scene.authorizeUrl(client, { redirect_uri: redirect }))
    expect(page.body).toMatch(expected)
    expect(page.body).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
  })

  test('A34: a redirect into this device is warned of, one to a site is not', async () => {
    const loopback = await openSignIn(newAgent(), scene.authorizeUrl())
    expect(loopback.body).toContain('Any program on this device could use this name.')
    expect((await openSignIn(newAgent(), site())).body).not.toContain('note warn')
  })
})

test('H3: too many authorizations from one address end on a page for people', async () => {
  for (let count = 0; count < 300; count += 10)
    await Promise.all(Array.from({ length: 10 }, () => newAgent().get(site('nobody'))))
  const over = await newAgent().get(site())
  expect(over.status).toBe(429)
  expect(over.body).toContain('This was tried too often from here.')
  expect(over.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
})

describe('consent', () => {
  test('A24: allowed by a POST of our own page, and by nothing else', async () => {
    const agent = newAgent()
    const page = await signIn(agent, site())
    const action = /action="(\/interaction\/[^"]+\/consent)"/.exec(page.body)?.[1] ?? ''
    const token = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const url = PUBLIC + action
    const good = { csrf: token, answer: 'allow' }
    const attempts: [string, Promise<Answer>, number][] = [
      ['no token', agent.post(url, { answer: 'allow' }), 403],
      ['a token of another form', agent.post(url, { ...good, csrf: otherToken(token) }), 403],
      ['from another site', agent.post(url, good, { 'sec-fetch-site': 'cross-site' }), 403],
      ['from a sibling', agent.post(url, good, { 'sec-fetch-site': 'same-site' }), 403],
      ['as text/plain', agent.post(url, good, { 'content-type': 'text/plain' }), 403],
      ['by GET', agent.get(`${url}?csrf=${token}&answer=allow&approve=1`), 303],
    ]
    for (const [name, attempt, status] of attempts)
      expect([name, (await attempt).status]).toEqual([name, status])
    expect(scene.events.filter(({ event }) => event === 'consent')).toEqual([])
    const back = await allow(agent, page)
    expect(back.href).toMatch(/^https:\/\/client\.example\.com\/callback\?code=/)
  })

  test('A24: with the cookie of the interaction alone, in a browser that never saw the page', async () => {
    const victim = newAgent()
    const page = await signIn(victim, site('other-site'))
    victim.cookies.delete('__Host-portcullis-form')
    expect((await victim.press(page, 'answer', 'allow')).status).toBe(403)
  })

  test('A21, A24: an interaction opened in another browser', async () => {
    const attacker = newAgent()
    const page = await openSignIn(attacker, site())
    const stolen = await newAgent().get(page.url)
    expect([stolen.status, stolen.body.includes('in another browser')]).toEqual([400, true])
  })

  test('A22: remembered for the client that it was given to, and for no other', async () => {
    const agent = newAgent()
    await allow(agent, await signIn(agent, site()))
    const again = await agent.follow(await agent.get(site()))
    expect(again.location).toMatch(/^https:\/\/client\.example\.com\/callback\?code=/)
    const other = await agent.follow(await agent.get(site('other-site')))
    expect(other.body).toContain('Another site wants to use mcp.example.com/notes/mcp<')
  })

  test('A34: asked again each time when the redirect leads into this device', async () => {
    const agent = newAgent()
    await allow(agent, await signIn(agent, scene.authorizeUrl()))
    const again = await agent.follow(await agent.get(scene.authorizeUrl()))
    expect(again.body).toContain('Notes for Claude wants to use mcp.example.com/notes/mcp again')
  })

  test('a step-up shows what is new, in the words of the file', async () => {
    const agent = newAgent()
    await allow(agent, await signIn(agent, site()))
    const more = await agent.follow(await agent.get(site('site', { scope: 'notes:read notes:write' })))
    expect(more.body).toContain('A site wants to do more with mcp.example.com/notes/mcp')
    expect(more.body).toMatch(
      /aria-labelledby="new">\s*<li>Create and change notes <span class="soft">\(notes:write\)<\/span><\/li>/,
    )
    expect(more.body).toMatch(/Read your notes <span class="soft">\(notes:read\)<\/span><\/li>/)
  })

  test('a refusal reaches the client as access_denied, with iss and state', async () => {
    const agent = newAgent()
    const back = await leaveWith(
      agent,
      await agent.press(await signIn(agent, site('other-site')), 'answer', 'refuse'),
    )
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'access_denied',
      iss: PUBLIC,
      state: 'state-of-client',
    })
  })

  test('"Cancel" before signing in reaches the client too', async () => {
    const agent = newAgent()
    const back = await leaveWith(agent, await agent.press(await openSignIn(agent, site()), 'with', 'nothing'))
    expect(back.searchParams.get('error')).toBe('access_denied')
  })

  test('disconnecting ends the grants at once, and the next time asks again', async () => {
    const agent = newAgent()
    await allow(agent, await signIn(agent, site()))
    const grant = scene.events.findLast(({ event }) => event === 'consent')?.grant
    const account = await agent.get(`${PUBLIC}/account`)
    expect(account.body).toContain('Connected applications')
    const done = await agent.follow(await agent.press(account, 'client', 'site'))
    expect(done.body).toContain('Disconnected.')
    expect(scene.events.filter(({ event }) => event === 'revoked').map((one) => one.grant)).toContain(grant)
    expect((await agent.follow(await agent.get(site()))).body).toContain(
      'A site wants to use mcp.example.com/notes/mcp<',
    )
  })
})

test('disconnecting ends each of any number of grants', async () => {
  const agent = newAgent()
  await allow(agent, await signIn(agent, site()))
  const { store } = scene.engine
  await store.transaction(async ({ artifacts }) => {
    for (let made = 0; made < 10_002; made += 1)
      await artifacts.save('Grant', `grant-${made}`, { accountId: 'alice', clientId: 'site' }, 86_400)
  })
  await agent.press(await agent.get(`${PUBLIC}/account`), 'client', 'site')
  const left = databaseOf(store).prepare(`SELECT id FROM artifacts WHERE model = 'Grant'`)
  expect(left.all()).toEqual([])
})

describe('cookies and sessions', () => {
  test('A46: cookies are __Host-, Secure, HttpOnly and Lax', async () => {
    const agent = newAgent()
    await signIn(agent, site())
    const own = agent.setCookies.filter((cookie) => cookie.startsWith('__Host-portcullis-'))
    expect(own.length).toBeGreaterThan(0)
    for (const cookie of own) expect(cookie).toMatch(/; path=\/;.*samesite=lax/i)
    for (const cookie of agent.setCookies) expect(cookie).toMatch(/httponly/i)
    for (const cookie of agent.setCookies) expect(cookie).toMatch(/secure/i)
  })

  test('A46: a session cookie that was planted before signing in is not the one after', async () => {
    const agent = newAgent()
    await allow(agent, await signIn(agent, site()))
    const names = [...agent.cookies.keys()].filter((name) => /session/.test(name) && !name.endsWith('.sig'))
    expect(names.length).toBe(1)
    const name = names[0] ?? ''
    const first = agent.cookies.get(name)
    const again = await openSignIn(agent, site('site', { prompt: 'login' }))
    await agent.follow(await agent.press(again, 'with', 'password', { name: 'alice', password: PASSWORD }))
    expect(agent.cookies.get(name)).not.toBe(first)
  })

  test.each([
    ['two of one name', (good: string) => `${good}; ${good.replace(/=.*/, '=planted')}`],
    ['without __Host-', (good: string) => good.replace('__Host-', '')],
    ['8 KB', (good: string) => good.replace(/=.*/, `=${'a'.repeat(8_192)}`)],
    ['not base64', (good: string) => good.replace(/=.*/, '=%%%;;;')],
    ['another one sealed by us', (good: string) => good.replace('signed-in', 'way')],
  ])('A47: a cookie %s is as good as none', async (_name, spoil) => {
    const agent = newAgent()
    const desk = await agent.get(`${PUBLIC}/account`)
    await agent.press(desk, 'with', 'password', { name: 'alice', password: PASSWORD })
    const good = `__Host-portcullis-signed-in=${agent.cookies.get('__Host-portcullis-signed-in')}`
    const withGood = await newAgent().get(`${PUBLIC}/account`, { cookie: good })
    expect(withGood.body).toContain('Connected applications')
    const spoilt = await newAgent().get(`${PUBLIC}/account`, { cookie: spoil(good) })
    expect([spoilt.status, spoilt.body.includes('type="password"')]).toEqual([200, true])
  })

  test('A53: prompt=none without a session; prompt=login and max_age=0 with one', async () => {
    const none = await newAgent().get(site('site', { prompt: 'none' }))
    expect(new URL(none.location ?? '').searchParams.get('error')).toBe('login_required')
    const agent = newAgent()
    await allow(agent, await signIn(agent, site()))
    for (const more of [{ prompt: 'login' }, { max_age: '0' }]) {
      await openSignIn(agent, site('site', more as Readonly<Record<string, string>>))
    }
  })

  test('a person who was disabled is not let in by a session that is still there', async () => {
    await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
    const agent = newAgent()
    const page = await openSignIn(agent, site())
    await agent.follow(await agent.press(page, 'with', 'password', { name: 'mallory', password: PASSWORD }))
    await scene.users.setDisabled('mallory', true)
    const again = await agent.follow(await agent.get(site('other-site')))
    expect(again.body).toContain('type="password"')
  })
})

/** A token that is well formed and wrong. */
function otherToken(token: string): string {
  return (token.startsWith('A') ? 'B' : 'A') + token.slice(1)
}
