// What the protocol engine sends to a browser by itself: redirects with a code in them, and pages that submit
// themselves. They are guarded like our own pages.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent, Answer } from '../support/agent.ts'
import { hasChromium, withChromium } from '../support/chromium.ts'
import { databaseOf } from '../support/database.ts'
import { clientOf, PASSWORD, type Scene, startScene } from '../support/scene.ts'
import { agentOf, openSignIn, PUBLIC, SITE, signIn, siteUrl } from './steps.ts'

let scene: Scene
let close: () => Promise<void>
afterEach(() => close())

async function start(publicUrl?: string): Promise<void> {
  const site = { ...clientOf('site', 'A site', SITE), application_type: 'web' as const }
  scene = await startScene({ ...(publicUrl === undefined ? {} : { publicUrl }), clients: [site] })
  await scene.users.add('bob', (await scene.users.passwordOf('alice')) ?? '')
  close = scene.close
}
beforeEach(() => start(PUBLIC))

function expectGuarded({ headers }: Answer): void {
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
}

/** The engine's answer to what the person said. */
async function resumed(agent: Agent, url: string): Promise<Answer> {
  const answered = await agent.press(await signIn(agent, url), 'answer', 'allow')
  const page = await agent.get(answered.location ?? '')
  const resume = /content="0; url=([^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  return await agent.get(new URL(resume, PUBLIC).href)
}

test('A54: the redirect with the code in it', async () => {
  const answer = await resumed(agentOf(scene), siteUrl(scene))
  expect([answer.status, answer.location]).toEqual([303, expect.stringContaining('code=')])
  expectGuarded(answer)
})

test('A54: a code that is posted: nothing of elsewhere on the page, and nowhere to go but to the client', async () => {
  const answer = await resumed(agentOf(scene), siteUrl(scene, 'site', { response_mode: 'form_post' }))
  expect(answer.body).toMatch(/name="code" value="[\w-]{43}"/)
  expect(answer.body).toContain(`action="${SITE}"`)
  expect(answer.body).not.toMatch(/(?:src|href)=/)
  expectGuarded(answer)
})

test.each([
  ['an error', () => siteUrl(scene, 'nobody')],
  ['the way to the sign-in page', () => siteUrl(scene)],
  ['the code of a device', () => `${PUBLIC}/device`],
  ['signing out', () => `${PUBLIC}/end_session`],
])('A23, A54: %s', async (_what, url) => expectGuarded(await agentOf(scene).get(url())))

test('A23, A54: the page between two people in one browser', async () => {
  const agent = agentOf(scene)
  await resumed(agent, siteUrl(scene))
  const page = await openSignIn(agent, siteUrl(scene, 'site', { prompt: 'login' }))
  const between = await agent.follow(
    await agent.press(page, 'with', 'password', { name: 'bob', password: PASSWORD }),
  )
  expect(between.body).toContain('name="logout" value="yes"')
  expectGuarded(between)
})

test.each([
  [
    'a code of a device',
    (agent: Agent) => agent.post(`${PUBLIC}/device`, { user_code: 'BBBB-BBBB', xsrf: 'x' }),
  ],
  ['the way back to a device', (agent: Agent) => agent.get(`${PUBLIC}/device/nothing`)],
  [
    'signing out',
    (agent: Agent) => agent.post(`${PUBLIC}/end_session/confirm`, { logout: 'yes', xsrf: 'x' }),
  ],
])('A23, A47: %s in a browser without a session is told so, and begins none', async (_what, send) => {
  const answer = await send(agentOf(scene))
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([400, null])
  expectGuarded(answer)
  const kept = databaseOf(scene.engine.store).prepare(`SELECT 1 FROM artifacts WHERE model = 'Session'`)
  expect(kept.all()).toEqual([])
})

describe('A47: cookies of the engine', () => {
  const spoils: readonly (readonly [string, (name: string, value: string) => string])[] = [
    ['planted beside the right one', (name, value) => `${name}=planted; ${name}=${value}`],
    ['without its prefix', (name, value) => `${name.replace(/^__(Host|Secure)-/, '')}=${value}`],
    ['of 8 KB', (name) => `${name}=${'a'.repeat(8_192)}`],
    ['that is no base64', (name) => `${name}=%%%"\\`],
    ['with a signature of another', (name, value) => `${name}=x${value}`],
  ]

  test.each(spoils)('A47: a session %s is none', async (_how, spoil) => {
    const agent = agentOf(scene)
    await resumed(agent, siteUrl(scene))
    const name = '__Host-portcullis-session'
    const signedIn = '__Host-portcullis-signed-in'
    const [value = '', ...others] = [name, `${name}.sig`, signedIn].map((one) => agent.cookies.get(one))
    const beside = `${name}.sig=${others[0]}; ${signedIn}=${others[1]}`
    const shown = (cookie: string) =>
      agentOf(scene).get(siteUrl(scene, 'site', { prompt: 'none' }), { cookie: `${cookie}; ${beside}` })
    expect((await shown(`${name}=${value}`)).location).toContain('code=')
    expect((await shown(spoil(name, value))).location).toContain('error=login_required')
  })

  test.each(spoils)('A47: an interaction %s is none', async (_how, spoil) => {
    const agent = agentOf(scene)
    const page = await openSignIn(agent, siteUrl(scene))
    const name = '__Secure-portcullis-interaction'
    const [value = '', signature = ''] = [name, `${name}.sig`].map((one) => agent.cookies.get(one))
    const shown = (cookie: string) =>
      agentOf(scene).get(page.url, { cookie: `${cookie}; ${name}.sig=${signature}` })
    expect((await shown(`${name}=${value}`)).status).toBe(200)
    const spoilt = await shown(spoil(name, value))
    expect([spoilt.status, spoilt.body.includes('begun in another browser')]).toEqual([400, true])
  })
})

test.runIf(hasChromium)('A46: in Chromium another person signs in, and the session is theirs', async () => {
  await scene.close()
  await start()
  await withChromium({}, async ({ page, complaints }) => {
    for (const name of ['alice', 'bob']) {
      await page.goto(scene.authorizeUrl('client-1', { prompt: 'login' }))
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
      expect(await page.getByText('Signed in as').textContent()).toContain(name)
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(/\/callback\?/)
    }
    expect(complaints).toEqual([])
  })
  const given = scene.events.filter(({ event }) => event === 'consent').map(({ subject }) => subject)
  expect(given).toEqual(['alice', 'bob'])
})
