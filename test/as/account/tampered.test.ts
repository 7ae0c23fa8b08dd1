// What a person agrees to is what stood on the page: nothing that travels through the browser changes it, and no form
// of theirs travels on.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent, Answer } from '../support/agent.ts'
import { clientOf, PASSWORD, RESOURCE, type Scene, startScene } from '../support/scene.ts'
import { agentOf, allow, leaveWith, openSignIn, PUBLIC, SITE, signIn, siteUrl } from './steps.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

let scene: Scene
let agent: Agent
beforeEach(async () => {
  const web = { application_type: 'web' as const }
  const device = { ...clientOf('device', 'A device', SITE), redirect_uris: [], response_types: [] }
  scene = await startScene({
    publicUrl: PUBLIC,
    clients: [
      { ...clientOf('site', 'A site', SITE), ...web },
      { ...clientOf('other-site', 'Another site', 'https://evil.example.com/cb'), ...web },
      { ...device, grant_types: [DEVICE_GRANT] },
    ],
  })
  await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
  agent = agentOf(scene)
})
afterEach(() => scene.close())

const post = async (path: string, form: Readonly<Record<string, string>>) => {
  const answer = await fetch(scene.listening + path, { method: 'POST', body: new URLSearchParams(form) })
  return (await answer.json()) as Record<string, string>
}

async function signOut(person: Agent, account: Answer): Promise<void> {
  const csrf = /action="\/account\/sign-out">\s*<input type="hidden" name="csrf" value="([^"]+)"/.exec(
    account.body,
  )
  await person.post(`${PUBLIC}/account/sign-out`, { csrf: csrf?.[1] ?? '' })
}

/** The token is what the page said: for this client, person, resource and scope. */
async function expectAsAsked(back: URL): Promise<void> {
  expect(back.origin + back.pathname).toBe(SITE)
  expect(back.searchParams.get('state')).toBe('state-of-client')
  const answer = await post('/token', {
    grant_type: 'authorization_code',
    client_id: 'site',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: SITE,
    code_verifier: 'v'.repeat(43),
  })
  const claims = JSON.parse(atob(answer['access_token']?.split('.')[1] ?? ''))
  expect(claims).toMatchObject({ sub: 'alice', client_id: 'site', aud: RESOURCE, scope: 'notes:read' })
}

/** Each would matter if it were read. */
const TAMPERED: readonly (readonly [name: string, value: string])[] = [
  ['client_id', 'other-site'],
  ['redirect_uri', 'https://evil.example.com/cb'],
  ['scope', 'notes:read notes:write'],
  ['resource', 'https://mcp.example.com/other/mcp'],
  ['state', 'another'],
  ['code_challenge', 'x'.repeat(43)],
  ['code_challenge_method', 'plain'],
  ['response_type', 'token'],
  ['response_mode', 'fragment'],
  ['user_id', 'mallory'],
  ['subject', 'mallory'],
  ['accountId', 'mallory'],
  ['login', 'mallory'],
  ['grantId', 'x'],
  ['nonce', 'another'],
  ['prompt', 'none'],
]

describe('H15: what travels through the browser', () => {
  test.each(TAMPERED)('H15: %s in the form of the consent page', async (name, value) => {
    const page = await signIn(agent, siteUrl(scene))
    await expectAsAsked(await leaveWith(agent, await agent.press(page, 'answer', 'allow', { [name]: value })))
  })

  test.each(TAMPERED)('H15: %s in the form of the sign-in page', async (name, value) => {
    const page = await openSignIn(agent, siteUrl(scene))
    const typed = { name: 'alice', password: PASSWORD, [name]: value }
    const consent = await agent.follow(await agent.press(page, 'with', 'password', typed))
    await expectAsAsked(await allow(agent, consent))
  })

  test.each(TAMPERED)('H15: %s in the address that the page goes on to', async (name, value) => {
    const page = await signIn(agent, siteUrl(scene))
    const answered = await agent.press(page, 'answer', 'allow')
    const leaving = await agent.get(answered.location ?? '')
    const resume = /content="0; url=([^"]*)"/.exec(leaving.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const url = new URL(resume, PUBLIC)
    url.searchParams.set(name, value)
    await expectAsAsked(new URL((await agent.get(url.href)).location ?? ''))
  })

  test('H15: the form of one request at the address of another', async () => {
    const page = await signIn(agent, siteUrl(scene))
    const other = await agentOf(scene).get(siteUrl(scene))
    const action = `${new URL(other.location ?? '').pathname}/consent`
    const form = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const answer = await agent.post(PUBLIC + action, { csrf: form, answer: 'allow' })
    expect([answer.status, answer.location]).toEqual([400, undefined])
    expect(scene.events.filter(({ event }) => event === 'consent')).toEqual([])
  })

  test('H15: an answer that is neither yes nor no is no', async () => {
    const page = await signIn(agent, siteUrl(scene))
    const back = await leaveWith(agent, await agent.press(page, 'answer', 'allow', { answer: 'ALLOW' }))
    expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['access_denied', null])
  })

  test('H15: the host that the person is sent to stands on both pages', async () => {
    const first = await openSignIn(agent, siteUrl(scene))
    const typed = { name: 'alice', password: PASSWORD }
    const second = await agent.follow(await agent.press(first, 'with', 'password', typed))
    for (const page of [first, second]) {
      expect(page.body).toContain('<strong>client.example.com</strong>')
      expect(page.body).toContain(`<code>${SITE}</code>`)
    }
  })
})

describe('A06: a form never travels on', () => {
  /** What was posted, and what it was answered with. */
  function watched(): { readonly agent: Agent; readonly answers: Answer[] } {
    const answers: Answer[] = []
    const plain = agentOf(scene)
    const note = async (answer: Promise<Answer>) => {
      answers.push(await answer)
      return answer
    }
    const noting: Agent = {
      ...plain,
      post: (...sent) => note(plain.post(...sent)),
      press: (...sent) => note(plain.press(...sent)),
    }
    return { agent: noting, answers }
  }

  test('A06: signing in, agreeing, refusing, going back, disconnecting, signing out', async () => {
    const { agent: person, answers } = watched()
    await allow(person, await signIn(person, siteUrl(scene)))
    await leaveWith(
      person,
      await person.press(
        await person.follow(await person.get(siteUrl(scene, 'site', { prompt: 'consent' }))),
        'answer',
        'refuse',
      ),
    )
    const stranger = watched()
    const page = await openSignIn(stranger.agent, siteUrl(scene))
    await leaveWith(stranger.agent, await stranger.agent.press(page, 'with', 'nothing'))
    const account = await person.get(`${PUBLIC}/account`)
    await person.press(account, 'client', 'site')
    await signOut(person, account)
    const all = [...answers, ...stranger.answers]
    expect(all.length).toBe(6)
    for (const { status } of all) expect(status).toBe(303)
  })

  test('A06: typing the code of a device', async () => {
    const begun = await post('/device_authorization', { client_id: 'device', scope: 'notes:read' })
    const entry = await agent.get(`${PUBLIC}/device`)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(entry.body)?.[1] ?? ''
    const typed = await agent.post(`${PUBLIC}/device`, { xsrf, user_code: begun['user_code'] ?? '' })
    const next = /name="xsrf" value="([^"]+)"/.exec(typed.body)?.[1] ?? ''
    const form = { xsrf: next, user_code: begun['user_code'] ?? '', confirm: 'yes' }
    const confirmed = await agent.post(`${PUBLIC}/device`, form)
    expect([typed.status, confirmed.status]).toEqual([200, 303])
  })
})

describe('A46: a session that somebody else began', () => {
  test('A46: a copy of the cookie of /account is worth nothing after the sign-out', async () => {
    const person = agentOf(scene)
    const desk = await person.get(`${PUBLIC}/account`)
    const account = await person.follow(
      await person.press(desk, 'with', 'password', { name: 'alice', password: PASSWORD }),
    )
    const thief = agentOf(scene)
    for (const [name, value] of person.cookies) thief.cookies.set(name, value)
    expect((await thief.get(`${PUBLIC}/account`)).body).toContain('/account/sign-out')
    await signOut(person, account)
    expect((await thief.get(`${PUBLIC}/account`)).body).not.toContain('/account/sign-out')
  })

  test('A46: cookies that were planted before the sign-in are worth nothing to who planted them', async () => {
    const attacker = agentOf(scene)
    await openSignIn(attacker, siteUrl(scene))
    const planted = new Map(attacker.cookies)
    const victim = agentOf(scene)
    for (const [name, value] of planted) victim.cookies.set(name, value)
    await allow(victim, await signIn(victim, siteUrl(scene)))
    for (const cookies of [planted, attacker.cookies]) {
      const again = agentOf(scene)
      for (const [name, value] of cookies) again.cookies.set(name, value)
      const asked = await again.get(siteUrl(scene, 'site', { prompt: 'none' }))
      expect(new URL(asked.location ?? '').searchParams.get('error')).toBe('login_required')
    }
    const own = await victim.get(siteUrl(scene, 'site', { prompt: 'none' }))
    expect(new URL(own.location ?? '').searchParams.has('code')).toBe(true)
  })

  test('A46: the session has another id after the sign-in', async () => {
    const person = agentOf(scene)
    const ids: string[] = []
    const note = () => ids.push(person.cookies.get('__Host-portcullis-session') ?? '')
    await allow(person, await signIn(person, siteUrl(scene)))
    note()
    const page = await openSignIn(person, siteUrl(scene, 'site', { prompt: 'login' }))
    await person.follow(await person.press(page, 'with', 'password', { name: 'alice', password: PASSWORD }))
    note()
    expect(ids).toEqual([expect.stringMatching(/^.{20,}$/), expect.stringMatching(/^.{20,}$/)])
    expect(ids[0]).not.toBe(ids[1])
  })
})
