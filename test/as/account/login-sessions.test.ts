// Whether somebody is signed in at a browser stands in the store: a session of the engine, the account page and a route count
// only together with it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import { clientOf, PASSWORD, RESOURCE, type Scene, startScene } from '../support/scene.ts'
import { agentOf, allow, leaveWith, openSignIn, PUBLIC, SITE, signIn, siteUrl } from './steps.ts'

const COOKIE = '__Host-portcullis-signed-in'
let scene: Scene
beforeAll(async () => {
  scene = await startScene({
    publicUrl: PUBLIC,
    clients: [{ ...clientOf('site', 'A site', SITE), application_type: 'web' }],
    browser: [
      {
        ...{ name: 'notes', issuer: 'builtin', resource: RESOURCE, subjectClaims: ['sub'] },
        ...{ scopes: ['notes:read'], allowedOrigins: [] },
        session: { idleSeconds: 1_800, absoluteSeconds: 43_200 },
      },
    ],
  })
})
// A sign-in of the very moment in which all were ended counts as ended.
beforeEach(() => {
  scene.clock.now += 2_000
})
afterAll(() => scene.close())

const isSignIn = ({ body }: Answer) => body.includes('type="password"')

/** What a browser is asked for at each place where it could be signed in. */
async function places(agent: Agent): Promise<Readonly<Record<string, boolean>>> {
  const client = await agent.follow(await agent.get(siteUrl(scene)))
  const account = await agent.get(`${PUBLIC}/account`)
  const status = await agent.get(`${PUBLIC}/auth/status`)
  return { client: !isSignIn(client), account: !isSignIn(account), route: status.body.includes('alice') }
}

/** Signed in everywhere. */
async function signedIn(): Promise<Agent> {
  const agent = agentOf(scene)
  const consent = await signIn(agent, siteUrl(scene, 'site', { prompt: 'consent' }))
  await allow(agent, consent)
  const asked = await agent.follow(await agent.get(`${PUBLIC}/auth/login`))
  const done = asked.body.includes('value="allow"')
    ? await agent.follow(await agent.press(asked, 'answer', 'allow'))
    : asked
  expect(done.url).toContain('/auth/success')
  expect(await places(agent)).toEqual({ client: true, account: true, route: true })
  return agent
}

function copyOf(agent: Agent): Agent {
  const copy = agentOf(scene)
  for (const [name, value] of agent.cookies) copy.cookies.set(name, value)
  return copy
}

const NOWHERE = { client: false, account: false, route: false }

test('one sign-in is one browser in the list, in words that a person knows', async () => {
  const agent = createAgent({ publicOrigin: PUBLIC, listening: scene.listening })
  const page = await agent.follow(await agent.get(siteUrl(scene), FIREFOX))
  const body = { name: 'alice', password: PASSWORD, with: 'password', csrf: csrfOf(page) }
  await agent.post(actionOf(page), body, FIREFOX)
  const [session, ...others] = await scene.engine.store.loginSessions.list('alice')
  expect(session).toMatchObject({ subject: 'alice', browser: 'Firefox, Linux', address: '203.0.113.7' })
  expect(others).toEqual([])
})

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' }
const csrfOf = ({ body }: Answer) => /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''
const actionOf = ({ body }: Answer) => PUBLIC + (/<form method="post" action="([^"]+)"/.exec(body)?.[1] ?? '')

describe('A46: what was ended in the store is over everywhere at once', () => {
  test('A46: one browser, and the other one stays', async () => {
    const one = await signedIn()
    scene.clock.now += 1_000 // else neither is the newest
    const other = await signedIn()
    const [newest] = await scene.engine.store.loginSessions.list('alice')
    expect(await scene.engine.store.loginSessions.end('alice', newest?.id ?? '')).toBe(true)
    expect(await places(other)).toEqual(NOWHERE)
    expect(await places(one)).toEqual({ client: true, account: true, route: true })
  })

  test('A46: without the cookie that names it no other cookie is of use, nor beside that of somebody else', async () => {
    const agent = await signedIn()
    const without = copyOf(agent)
    without.cookies.delete(COOKIE)
    expect(await places(without)).toMatchObject({ client: false, account: false })
    await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
    const mallory = agentOf(scene)
    const page = await openSignIn(mallory, siteUrl(scene))
    await mallory.follow(
      await mallory.press(page, 'with', 'password', { name: 'mallory', password: PASSWORD }),
    )
    const mixed = copyOf(agent)
    mixed.cookies.set(COOKIE, mallory.cookies.get(COOKIE) ?? '')
    expect(await places(mixed)).toMatchObject({ client: false })
    expect((await mixed.get(`${PUBLIC}/account`)).body).toContain('<strong>mallory</strong>')
  })

  test('A46: a copy from before the person proved themselves again is worth nothing after it', async () => {
    const agent = await signedIn()
    const thief = copyOf(agent)
    expect(await places(thief)).toMatchObject({ client: true, account: true })
    const again = await openSignIn(agent, siteUrl(scene, 'site', { prompt: 'login' }))
    await agent.follow(await agent.press(again, 'with', 'password', { name: 'alice', password: PASSWORD }))
    expect(await places(thief)).toMatchObject({ client: false, account: false })
    expect(await places(agent)).toEqual({ client: true, account: true, route: true })
  })

  test('A46: signed out between the consent page and its button: nothing is given', async () => {
    const agent = agentOf(scene)
    const consent = await signIn(agent, siteUrl(scene, 'site', { prompt: 'consent' }))
    await scene.users.endSessions('alice')
    const before = scene.events.filter(({ event }) => event === 'consent').length
    const pressed = await agent.press(consent, 'answer', 'allow')
    expect(pressed.status).toBe(400)
    expect(scene.events.filter(({ event }) => event === 'consent').length).toBe(before)
  })
})

test.each([
  ['the account page', (agent: Agent) => signOutAt(agent, '/account', '/account/sign-out')],
  ['a route', (agent: Agent) => signOutAt(agent, '/auth/logout', '/auth/logout')],
  ['the engine', endSession],
  ['another account', useAnother],
])('G4: signed out at %s is signed out everywhere in this browser', async (_where, signOut) => {
  const agent = await signedIn()
  const thief = copyOf(agent)
  await signOut(agent)
  expect(await places(thief)).toEqual(NOWHERE)
})

async function signOutAt(agent: Agent, path: string, action: string): Promise<void> {
  const { body } = await agent.get(PUBLIC + path)
  const form = body.match(/<form[\s\S]*?<\/form>/g)?.find((one) => one.includes(`action="${action}"`)) ?? ''
  const csrf = /name="csrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
  expect((await agent.post(PUBLIC + action, { csrf })).status).toBe(303)
}

async function endSession(agent: Agent): Promise<void> {
  const page = await agent.get(`${PUBLIC}/end_session`)
  await agent.press(page, 'logout', 'yes')
}

async function useAnother(agent: Agent): Promise<void> {
  const page = await agent.follow(await agent.get(siteUrl(scene, 'site', { prompt: 'consent' })))
  await agent.press(page, 'answer', 'another')
}

test('at the account page half an hour after the proof, and for clients two weeks after the last use', async () => {
  const agent = agentOf(scene)
  await leaveWith(
    agent,
    await agent.press(await signIn(agent, siteUrl(scene, 'site', { prompt: 'consent' })), 'answer', 'allow'),
  )
  scene.clock.now += 31 * 60_000
  expect(await places(agent)).toMatchObject({ client: true, account: false })
  scene.clock.now += 13 * 86_400_000
  expect(await places(agent)).toMatchObject({ client: true })
  scene.clock.now += 13 * 86_400_000
  expect(await places(agent)).toMatchObject({ client: true })
  scene.clock.now += 15 * 86_400_000
  expect(await places(agent)).toMatchObject({ client: false })
})
