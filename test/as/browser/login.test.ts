// Sign-in for people and browser clients: rows G1 to G14 of the comparison with the reference system, over sockets.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import { PASSWORD, RESOURCE, type Scene, startScene } from '../support/scene.ts'

const PUBLIC = 'https://mcp.example.com'
const APP = 'https://app.example.com'
const SESSION = '__Host-portcullis-session-notes'

let scene: Scene
beforeEach(async () => {
  scene = await startScene({
    publicUrl: PUBLIC,
    browser: [
      {
        ...{ name: 'notes', issuer: 'home', resource: RESOURCE },
        subjectClaims: ['sub'],
        scopes: ['notes:read', 'notes:write'],
        allowedOrigins: [APP],
        session: { idleSeconds: 1_800, absoluteSeconds: 43_200 },
      },
    ],
  })
})
afterEach(() => scene.close())

function newAgent(): Agent {
  return createAgent({ publicOrigin: PUBLIC, listening: scene.listening })
}

function auth(path: string): string {
  return `${PUBLIC}/auth/${path}`
}

/** From /auth/login to our callback, with a code, which is not asked; signs in and consents where that is wanted. */
async function toCallback(agent: Agent, query = ''): Promise<string> {
  let answer = await agent.get(auth(`login${query}`))
  for (let step = 0; step < 20; step++) {
    if (answer.location?.startsWith(auth('callback'))) return answer.location
    answer = await nextStep(agent, answer)
  }
  throw new Error('the callback was never reached')
}

async function nextStep(agent: Agent, answer: Answer): Promise<Answer> {
  if (answer.location !== undefined) return await agent.get(answer.location)
  const resume = /content="0; url=([^"]*)"/.exec(answer.body)?.[1]?.replaceAll('&amp;', '&')
  if (resume !== undefined) return await agent.get(new URL(resume, PUBLIC).href)
  return answer.body.includes('type="password"')
    ? await agent.press(answer, 'with', 'password', { name: 'alice', password: PASSWORD })
    : await agent.press(answer, 'answer', 'allow')
}

async function signIn(agent: Agent, query = ''): Promise<Answer> {
  const answer = await agent.get(await toCallback(agent, query))
  expect([answer.status, agent.cookies.has(SESSION)]).toEqual([303, true])
  return answer
}

async function status(agent: Agent): Promise<Record<string, unknown>> {
  return JSON.parse((await agent.get(auth('status'))).body) as Record<string, unknown>
}

/** What the gateway would take from a request with these headers. */
async function presented(
  agent: Agent,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const raw = Object.entries({ cookie, ...headers }).flat()
  const request = { method, rawHeaders: raw, headers: { ...headers, cookie } }
  return (await scene.browser.present('notes', request as never)).kind
}

test('G1: login begins a code flow with PKCE S256, state, nonce and resource, bound to this browser', async () => {
  const agent = newAgent()
  const begun = await agent.get(auth('login'))
  const asked = Object.fromEntries(new URL(begun.location ?? '').searchParams)
  expect(asked).toMatchObject({
    client_id: 'portcullis-browser',
    redirect_uri: auth('callback'),
    response_type: 'code',
    code_challenge_method: 'S256',
    resource: RESOURCE,
    scope: 'openid notes:read notes:write',
  })
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/)
  expect(agent.cookies.has('__Host-portcullis-login')).toBe(true)
})

test('G1: the whole way ends in a session, and /auth/status says whose', async () => {
  const agent = newAgent()
  expect(await status(agent)).toEqual({ authenticated: false })
  const answer = await signIn(agent)
  expect(answer.location).toBe(auth('success'))
  expect(await status(agent)).toMatchObject({ authenticated: true, subject: 'alice' })
  expect(await presented(agent, 'GET', { 'x-portcullis-request': '1' })).toBe('token')
})

test.each([
  ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example.com')],
  ['no issuer', (url: URL) => url.searchParams.delete('iss')],
  ['a code of nobody', (url: URL) => url.searchParams.set('code', 'x'.repeat(43))],
  ['an error', (url: URL) => url.searchParams.set('error', 'access_denied')],
])('G1: a callback with %s makes no session', async (_name, change) => {
  const agent = newAgent()
  const callback = new URL(await toCallback(agent))
  change(callback)
  const answer = await agent.get(callback.href)
  expect([answer.status, agent.cookies.has(SESSION)]).toEqual([400, false])
  expect(scene.events.at(-1)?.event).toBe('sign_in_refused')
})

test('A54: the answers to the callback keep its code to themselves', async () => {
  const agent = newAgent()
  const callback = await toCallback(agent)
  for (const answer of [await newAgent().get(callback), await agent.get(callback)]) {
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).not.toContain(new URL(callback).searchParams.get('code'))
  }
})

test('G2: a callback in a browser that began nothing', async () => {
  const callback = await toCallback(newAgent())
  const victim = newAgent()
  expect([(await victim.get(callback)).status, victim.cookies.has(SESSION)]).toEqual([400, false])
})

test('G2: a callback of somebody else in a browser that began too; no state; the same one twice', async () => {
  const callback = await toCallback(newAgent())
  const victim = newAgent()
  await victim.get(auth('login'))
  expect((await victim.get(callback)).status).toBe(400)
  const stateless = new URL(await toCallback(victim))
  const cookies = new Map(victim.cookies)
  expect((await victim.get(stateless.href)).status).toBe(303)
  for (const [name, value] of cookies) victim.cookies.set(name, value)
  expect((await victim.get(stateless.href)).status).toBe(400)
  stateless.searchParams.delete('state')
  expect((await victim.get(stateless.href)).status).toBe(400)
})

test('G3: success and failure are pages under the policy, and repeat nothing', async () => {
  const agent = newAgent()
  const callback = new URL(await toCallback(agent))
  callback.searchParams.delete('code')
  callback.searchParams.set('error', 'access_denied')
  callback.searchParams.set('error_description', '<img src=x onerror=alert(1)>')
  const failure = await agent.get(callback.href)
  const success = await agent.get(auth('success'))
  for (const page of [failure, success]) {
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(page.body).not.toContain('onerror')
  }
  expect(success.body).toContain('You can close this window.')
})

test('G4: signing out is a form; a GET only asks; a copy of the cookie is dead after it', async () => {
  const agent = newAgent()
  await signIn(agent)
  const kept = agent.cookies.get(SESSION) ?? ''
  const asked = await agent.get(auth('logout'))
  expect(asked.body).toContain('Sign out?')
  expect(await status(agent)).toMatchObject({ authenticated: true })
  const csrf = /name="csrf" value="([^"]+)"/.exec(asked.body)?.[1] ?? ''
  expect((await agent.post(auth('logout'), {})).status).toBe(403)
  const done = await agent.follow(await agent.post(auth('logout'), { csrf }))
  expect(done.body).toContain('Signed out')
  expect(agent.cookies.has(SESSION)).toBe(false)
  agent.cookies.set(SESSION, kept)
  expect(await status(agent)).toEqual({ authenticated: false })
  expect(await presented(agent, 'GET', { 'x-portcullis-request': '1' })).toBe('nothing')
  expect((await agent.follow(await agent.get(auth('login')))).body).toContain('type="password"')
})

test('G4: an application that the route lists may sign out, another one may not', async () => {
  const agent = newAgent()
  await signIn(agent)
  const evil = { origin: 'https://evil.example.com', 'x-portcullis-request': '1' }
  expect((await agent.post(auth('logout'), {}, evil)).status).toBe(403)
  const app = { origin: APP, 'x-portcullis-request': '1' }
  const done = await agent.post(auth('logout'), {}, app)
  expect([done.status, done.headers.get('access-control-allow-credentials')]).toEqual([204, 'true'])
  expect(await status(agent)).toEqual({ authenticated: false })
})

test('G5: the cookie is __Host-, Secure, HttpOnly, Lax, says nothing, and is another one at each login', async () => {
  const agent = newAgent()
  await signIn(agent)
  const first = agent.setCookies.findLast((cookie) => cookie.startsWith(`${SESSION}=`)) ?? ''
  expect(first).toMatch(
    /^__Host-portcullis-session-notes=[\w-]+; Max-Age=1800; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  expect(first).not.toContain(Buffer.from('alice').toString('base64url').slice(0, 6))
  const before = agent.cookies.get(SESSION)
  await signIn(agent)
  expect(agent.cookies.get(SESSION)).not.toBe(before)
})

test('G5: it ends half an hour after the last use, and with its token whatever happens', async () => {
  const agent = newAgent()
  await signIn(agent)
  scene.clock.now += 29 * 60_000
  expect(await status(agent)).toMatchObject({ authenticated: true }) // use: it is written anew
  scene.clock.now += 29 * 60_000
  expect(await status(agent)).toMatchObject({ authenticated: true })
  scene.clock.now += 2 * 60_000 // an hour since the token was made
  expect(await status(agent)).toEqual({ authenticated: false })
  const idle = newAgent()
  await signIn(idle)
  scene.clock.now += 30 * 60_000
  expect(await status(idle)).toEqual({ authenticated: false })
})

test('G7: exactly these paths, and nothing below or beside them', () => {
  const answered = ['login', 'callback', 'logout', 'status', 'success', 'signed-out'].map(
    (name) => `/auth/${name}`,
  )
  const others = [
    '/auth',
    '/auth/',
    '/auth/x',
    '/auth/login/',
    '/auth/login/x',
    '//auth/login',
    '/AUTH/login',
    '/auth%2flogin',
    '/mcp/..;/auth/login',
  ]
  expect(answered.filter((path) => scene.browser.answers(path))).toEqual(answered)
  expect(others.filter((path) => scene.browser.answers(path))).toEqual([])
})

test.each([
  ['POST', { origin: APP, 'x-portcullis-request': '1' }, 'token'],
  ['POST', { origin: PUBLIC, 'x-portcullis-request': '1' }, 'token'],
  ['DELETE', { origin: APP, 'x-portcullis-request': '1' }, 'token'],
  ['POST', { origin: APP }, 'forged'],
  ['POST', { 'x-portcullis-request': '1' }, 'forged'],
  ['POST', { origin: 'null', 'x-portcullis-request': '1' }, 'forged'],
  ['POST', { origin: 'https://evil.example.com', 'x-portcullis-request': '1' }, 'forged'],
  ['POST', { origin: `${APP}.evil.com`, 'x-portcullis-request': '1' }, 'forged'],
  ['POST', { origin: APP, 'x-portcullis-request': '0' }, 'forged'],
  ['GET', { 'x-portcullis-request': '1' }, 'token'],
  ['GET', {}, 'forged'],
  ['GET', { origin: 'https://evil.example.com', 'x-portcullis-request': '1' }, 'forged'],
] as const)('G9: a cookie with %s %j is taken as %s', async (method, headers, expected) => {
  const agent = newAgent()
  await signIn(agent)
  expect(await presented(agent, method, headers)).toBe(expected)
})

test('G9: two session cookies are none', async () => {
  const agent = newAgent()
  await signIn(agent)
  const cookie = `${SESSION}=${agent.cookies.get(SESSION)}; ${SESSION}=planted`
  expect(await presented(agent, 'GET', { cookie, 'x-portcullis-request': '1' })).toBe('nothing')
})

test('G9: status and sign-out are open to the listed origin, with credentials, and to no other', async () => {
  const agent = newAgent()
  for (const [origin, allowed] of [
    [APP, APP],
    ['https://evil.example.com', null],
    ['null', null],
  ] as const) {
    const answer = await agent.get(auth('status'), { origin })
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed)
  }
})

test('G12: neither the token nor a code stands in a page, a cookie in clear, or an event', async () => {
  const agent = newAgent()
  const callback = await toCallback(agent)
  const code = new URL(callback).searchParams.get('code') ?? ''
  await agent.get(callback)
  const said = JSON.stringify([scene.events, agent.setCookies, [...agent.cookies]])
  expect(code.length).toBeGreaterThan(20)
  expect(said).not.toContain(code)
  expect(said).not.toMatch(/eyJ[\w-]+\.eyJ/)
})

test.each([
  ['?return_to=/app%3Ftab=1', `${PUBLIC}/app?tab=1`],
  [`?return_to=${encodeURIComponent(`${APP}/here`)}`, `${APP}/here`],
])('A26: back to where the person came from %s', async (query, expected) => {
  expect((await signIn(newAgent(), query)).location).toBe(expected)
})

test.each(['?return_to=//evil.com', '?return_to=https://evil.com', '?route=unknown', '?return_to='])(
  'A26: a link that is refused: %s',
  async (query) => {
    const agent = newAgent()
    const answer = await agent.get(auth(`login${query}`))
    expect([answer.status, agent.cookies.has('__Host-portcullis-login')]).toEqual([400, false])
  },
)
