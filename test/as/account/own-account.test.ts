// The account page: browsers and apps with their last use, an end to one of them or to all, and another password.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { hasPostgres, startPostgres } from '../../support/postgres.ts'
import type { Agent, Answer } from '../support/agent.ts'
import { clientOf, PASSWORD, type Scene, type SceneOptions, SETTINGS, startScene } from '../support/scene.ts'
import { agentOf, allow, openSignIn, PUBLIC, SITE, signIn, siteUrl } from './steps.ts'

const ACCOUNT = `${PUBLIC}/account`
const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' }
const OPTIONS: SceneOptions = {
  publicUrl: PUBLIC,
  clients: [{ ...clientOf('site', 'A site', SITE), application_type: 'web' }],
}

let scene: Scene
beforeAll(async () => {
  scene = await startScene(OPTIONS)
})
beforeEach(async () => {
  scene.clock.now += 2_000 // a sign-in of the very moment in which all were ended counts as ended
  await scene.users.endSessions('alice')
  scene.clock.now += 2_000
})
afterAll(() => scene.close())

async function enter(at = scene, headers: Readonly<Record<string, string>> = {}, password = PASSWORD) {
  const agent = agentOf(at)
  const page = await agent.get(ACCOUNT)
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const fields = { name: 'alice', password, with: 'password', csrf }
  const entered = await agent.post(`${ACCOUNT}/sign-in`, fields, headers)
  return { agent, entered }
}

const isIn = async (agent: Agent) => (await agent.get(ACCOUNT)).body.includes('<h1>Your account</h1>')

/** Sends the form of the page that goes to a path. */
function send(agent: Agent, page: Answer, action: string, fields: Readonly<Record<string, string>> = {}) {
  const form = page.body.match(/<form[\s\S]*?<\/form>/g)?.find((one) => one.includes(`action="${action}"`))
  const hidden = [...(form ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  expect(hidden.length).toBeGreaterThan(0)
  const own = Object.fromEntries(hidden.map(([, key = '', text = '']) => [key, text]))
  return agent.post(PUBLIC + action, { ...own, ...fields })
}

const eventsOf = (name: string) => scene.events.filter(({ event }) => event === name)

describe('browsers', () => {
  test('each with its last use, newest first, and which one this is', async () => {
    const { agent: first } = await enter(scene, FIREFOX)
    scene.clock.now += 10 * 60_000
    const { agent } = await enter()
    const { body } = await agent.get(ACCOUNT)
    const items = body.slice(body.indexOf('id="browsers"')).match(/<li>[\s\S]*?<\/li>/g) ?? []
    expect(items.map((item) => /<strong>([^<]*)/.exec(item)?.[1])).toEqual(['A browser', 'Firefox, Linux'])
    expect(items.map((item) => item.includes('This browser'))).toEqual([true, false])
    expect(items[1]).toMatch(/Last used<\/dt><dd>[^<]+ UTC</)
    expect(items[1]).toContain('203.0.113.7')
    expect(await isIn(first)).toBe(true)
  })

  test('what a browser says of itself is never shown as it is', async () => {
    await enter(scene, { 'user-agent': '<script>alert(1)</script> Firefox/145.0' })
    const { agent } = await enter()
    const { body } = await agent.get(ACCOUNT)
    expect(body).toContain('<strong>Firefox</strong>')
    expect(body).not.toContain('script')
  })

  test('A46: another browser is signed out, and this one stays', async () => {
    const { agent: lost } = await enter(scene, FIREFOX)
    const { agent } = await enter()
    const done = await agent.follow(await send(agent, await agent.get(ACCOUNT), '/account/end-browser'))
    expect(done.body).toContain('The browser is signed out.')
    expect([await isIn(lost), await isIn(agent)]).toEqual([false, true])
    expect(eventsOf('signed_out').at(-1)).toMatchObject({ subject: 'alice', detail: 'another browser' })
  })

  test("A24: nobody ends a browser of somebody else's, and no form of another page ends one", async () => {
    const { agent: alice } = await enter()
    const [session] = await scene.engine.store.loginSessions.list('alice')
    await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
    const mallory = agentOf(scene)
    const signedIn = await openSignIn(mallory, ACCOUNT)
    await mallory.press(signedIn, 'with', 'password', { name: 'mallory', password: PASSWORD })
    const page = await mallory.get(ACCOUNT)
    const csrf = /action="\/account\/sign-out-everywhere">\s*<input type="hidden" name="csrf" value="([^"]+)"/
    const other = { csrf: csrf.exec(page.body)?.[1] ?? '', browser: session?.id ?? '' }
    expect((await mallory.post(`${PUBLIC}/account/end-browser`, other)).status).toBe(403)
    const { agent: helper } = await enter()
    await send(helper, await helper.get(ACCOUNT), '/account/end-browser', { browser: 'nobody' })
    expect(await isIn(alice)).toBe(true)
  })

  test('their use is noted again only after five minutes', async () => {
    const { agent } = await enter()
    const usedAt = async () => (await scene.engine.store.loginSessions.list('alice'))[0]?.usedAt
    const began = await usedAt()
    scene.clock.now += 299_000
    await agent.get(ACCOUNT)
    expect(await usedAt()).toBe(began)
    scene.clock.now += 1_000
    await agent.get(ACCOUNT)
    expect(await usedAt()).toBe(scene.clock.now)
  })
})

describe('sign out everywhere', () => {
  async function connected() {
    const agent = agentOf(scene)
    const consent = await signIn(agent, siteUrl(scene, 'site', { prompt: 'consent' }))
    await allow(agent, consent)
    return agent
  }

  test('ends every browser, and apps stay as the page says', async () => {
    const { agent: other } = await enter()
    const agent = await connected()
    const done = await agent.follow(
      await send(agent, await agent.get(ACCOUNT), '/account/sign-out-everywhere'),
    )
    expect(done.body).toContain('You are signed out in every browser.')
    expect([await isIn(other), await isIn(agent)]).toEqual([false, false])
    const asked = await agent.follow(await agent.get(siteUrl(scene)))
    expect(asked.body).toContain('type="password"')
    expect(await scene.engine.store.grants.of('alice')).not.toEqual([])
    expect(eventsOf('signed_out').at(-1)).toMatchObject({ subject: 'alice', detail: 'everywhere' })
  })

  test('with apps, where that was ticked: their grants and what was agreed to', async () => {
    const agent = await connected()
    await send(agent, await agent.get(ACCOUNT), '/account/sign-out-everywhere', { apps: 'yes' })
    expect(await scene.engine.store.grants.of('alice')).toEqual([])
    expect(await scene.engine.store.consents.list('alice')).toEqual([])
    expect(eventsOf('revoked').at(-1)).toMatchObject({ subject: 'alice', client: 'site' })
  })

  /** Done at one of two servers on the same data, as two workers or gateways have it. */
  async function endsAtTheOther(data: string): Promise<void> {
    const settings = { data, cookieSecret: new Secret('s'.repeat(43)) }
    const one = await startScene({ ...OPTIONS, settings })
    onTestFinished(() => one.close())
    const two = await startScene({ ...OPTIONS, settings })
    onTestFinished(() => two.close())
    const { agent } = await enter(one)
    const elsewhere = agentOf(two)
    for (const [name, value] of agent.cookies) elsewhere.cookies.set(name, value)
    expect(await isIn(elsewhere)).toBe(true)
    await send(agent, await agent.get(ACCOUNT), '/account/sign-out-everywhere')
    expect(await isIn(elsewhere)).toBe(false)
  }

  test('at one of two processes on the same file it acts at the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-account-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await endsAtTheOther(join(folder, 'as.sqlite'))
  })

  test.skipIf(!hasPostgres)(
    'at one of two gateways on the same PostgreSQL it acts at the other',
    async () => {
      const postgres = await startPostgres()
      onTestFinished(() => postgres.stop())
      await endsAtTheOther(postgres.url())
    },
  )
})

describe('another password', () => {
  const OTHER = 'a quite different phrase'
  const change = async (agent: Agent, fields: Readonly<Record<string, string>>) =>
    send(agent, await agent.get(`${ACCOUNT}/password`), '/account/password/change', {
      ...{ current: PASSWORD, new: OTHER, repeated: OTHER },
      ...fields,
    })

  test.each([
    ['a wrong current one', { current: 'not the right one' }, 401, 'The current password is not right.'],
    ['none', { current: '' }, 401, 'The current password is not right.'],
    ['a short one', { new: 'short', repeated: 'short' }, 400, 'needs at least 10 characters'],
    ['two that differ', { repeated: `${OTHER}s` }, 400, 'in two different ways'],
    ['a long one', { new: 'x'.repeat(1_025), repeated: 'x'.repeat(1_025) }, 400, 'longer than 1024 bytes'],
  ])('%s changes nothing, and the page says why', async (_name, fields, status, said) => {
    const { agent } = await enter()
    const before = await scene.users.passwordOf('alice')
    const answer = await change(agent, fields)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(said)
    expect(answer.body).toMatch(/role="alert" id="problem"><p><a href="#(?:current|new|repeated)">/)
    expect(answer.body).not.toContain(OTHER)
    expect(await scene.users.passwordOf('alice')).toBe(before)
  })

  test('guesses at the current one are counted like those of a sign-in', async () => {
    const agent = (await enter()).agent
    scene.clock.now += 60_000
    const statuses: number[] = []
    for (let guess = 0; guess < 7; guess++)
      statuses.push((await change(agent, { current: `guess ${guess}` })).status)
    expect(statuses.at(0)).toBe(401)
    expect(statuses.at(-1)).toBe(429)
    scene.clock.now += 2 * 3_600_000
  })

  test('the new one counts, every other browser is signed out, and this one stays', async () => {
    const { agent: other } = await enter()
    const { agent } = await enter()
    const thief = agentOf(scene)
    for (const [name, value] of agent.cookies) thief.cookies.set(name, value)
    const done = await agent.follow(await change(agent, {}))
    expect(done.body).toContain('Your password is changed.')
    expect([await isIn(other), await isIn(thief), await isIn(agent)]).toEqual([false, false, true])
    expect(eventsOf('password_changed').at(-1)).toMatchObject({ actor: 'alice', subject: 'alice' })
    expect((await enter()).entered.status).toBe(401)
    expect((await enter(scene, {}, OTHER)).entered.status).toBe(303)
    await change(agent, { current: OTHER, new: PASSWORD, repeated: PASSWORD })
  })

  test('half an hour after the sign-in the page asks for it again, and a form that was sent then changes nothing', async () => {
    const { agent } = await enter()
    const page = await agent.get(`${ACCOUNT}/password`)
    scene.clock.now += 30 * 60_000
    const fields = { current: PASSWORD, new: OTHER, repeated: OTHER }
    const answer = await send(agent, page, '/account/password/change', fields)
    expect(answer.body).toContain('name="with" value="password"')
    expect((await enter()).entered.status).toBe(303)
  })

  test('somebody without a password is offered none, where the file has no passkeys', async () => {
    const other = await startScene({
      ...OPTIONS,
      settings: { signIn: { ...SETTINGS.signIn, passkeys: false } },
    })
    onTestFinished(() => other.close())
    const { agent } = await enter(other)
    expect((await agent.get(ACCOUNT)).body).toContain('/account/password')
    await other.users.setPassword('alice', undefined)
    expect((await agent.get(ACCOUNT)).body).not.toContain('/account/password')
    expect((await agent.get(`${ACCOUNT}/password`)).location).toBe(ACCOUNT)
  })
})
