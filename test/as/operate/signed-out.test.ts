// A new password, being shut out, and an operator's word end every sign-in of a person in a browser at once: at the
// account page, at the authorization server, on a route, and one that is under way. Somebody else's stays.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { pkce, startWhole, type Whole } from '../clients/whole.ts'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'

const PASSWORDS = { ada: 'correct horse battery', bob: 'another long password' }
type Name = keyof typeof PASSWORDS

let whole: Whole
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] }) // seconds pass without being waited for
  whole = await startWhole({ route: '    browser: { issuer: builtin }' })
  await whole.operator.users.add('bob', PASSWORDS.bob)
})
beforeEach(() => void vi.setSystemTime(Date.now() + 2_000))
afterAll(async () => {
  await whole.close()
  vi.useRealTimers()
})

const isSignIn = ({ body }: Answer) => body.includes('type="password"')

async function enter(agent: Agent, page: Answer, name: Name): Promise<Answer> {
  expect(isSignIn(page)).toBe(true)
  return await agent.press(page, 'with', 'password', { name, password: PASSWORDS[name] })
}

/** To the authorization server, for some client. */
async function askedBy(agent: Agent): Promise<Answer> {
  const client = (await whole.operator.clients.list()).find(({ name }) => name === 'desk')
  const redirect = 'https://desk.example.com/callback'
  const id =
    client?.id ??
    (await whole.operator.clients.add({ name: 'desk', redirectUris: [redirect], isPublic: true })).id
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: id, redirect_uri: redirect, scope: 'notes:read' },
    ...{ code_challenge: pkce().challenge, code_challenge_method: 'S256' },
  })
  return await agent.follow(await agent.get(`${whole.origin}/authorize?${query}`))
}

interface Place {
  readonly signIn: (agent: Agent, name: Name) => Promise<unknown>
  /** Whether the browser is known there. */
  readonly isKnown: (agent: Agent) => Promise<boolean>
}

const places: Readonly<Record<string, Place>> = {
  'the account page': {
    signIn: async (agent, name) =>
      await agent.follow(await enter(agent, await agent.get(`${whole.origin}/account`), name)),
    isKnown: async (agent) => !isSignIn(await agent.get(`${whole.origin}/account`)),
  },
  'the authorization server': {
    signIn: async (agent, name) => await agent.follow(await enter(agent, await askedBy(agent), name)),
    isKnown: async (agent) => !isSignIn(await askedBy(agent)),
  },
  'a route': {
    async signIn(agent, name) {
      const page = await agent.follow(await agent.get(`${whole.origin}/auth/login`))
      const consent = await agent.follow(await enter(agent, page, name))
      const done = await agent.follow(await agent.press(consent, 'answer', 'allow'))
      expect(done.body).toContain('You are signed in.')
    },
    async isKnown(agent) {
      const { body } = await agent.get(`${whole.origin}/auth/status`)
      const headers = { 'x-portcullis-request': '1', origin: whole.origin }
      const { status } = await agent.post(whole.resource, {}, headers)
      const { authenticated } = JSON.parse(body) as { readonly authenticated: boolean }
      expect(status === 401).toBe(!authenticated)
      return authenticated
    },
  },
}

const acts: Readonly<Record<string, () => Promise<unknown> | unknown>> = {
  passwd: () => whole.operator.users.setPassword('ada', PASSWORDS.ada),
  'sign-out': () => whole.operator.users.signOut('ada'),
  'disable, and enable': async () => [
    await whole.operator.users.disable('ada'),
    await whole.operator.users.enable('ada'),
  ],
}

const rows = Object.keys(acts).flatMap((act) => Object.keys(places).map((place) => [act, place] as const))
test.each(rows)('G5: users %s ends a sign-in at %s', async (act, at) => {
  const place = places[at] as Place
  const [ada, bob] = [createAgent(), createAgent()]
  await place.signIn(ada, 'ada')
  await place.signIn(bob, 'bob')
  expect([await place.isKnown(ada), await place.isKnown(bob)]).toEqual([true, true])
  vi.setSystemTime(Date.now() + 1_000)
  await acts[act]?.()
  expect([await place.isKnown(ada), await place.isKnown(bob)]).toEqual([false, true])
  const again = createAgent()
  vi.setSystemTime(Date.now() + 1_000)
  await place.signIn(again, 'ada')
  expect(await place.isKnown(again)).toBe(true)
})

/** Times of sign-ins are whole seconds, and somebody who knows the old password may sign in all the time. */
const WITHIN_A_SECOND = ['the authorization server', 'a route']
test.each(WITHIN_A_SECOND)(
  'G5, A46: one at %s in the very second of a new password is over too',
  async (at) => {
    const place = places[at] as Place
    const agent = createAgent()
    vi.setSystemTime(Math.ceil(Date.now() / 1_000) * 1_000 + 100)
    await place.signIn(agent, 'ada')
    const underWay = createAgent()
    const taken = await enter(underWay, await askedBy(underWay), 'ada')
    vi.setSystemTime(Math.floor(Date.now() / 1_000) * 1_000 + 900)
    await acts['passwd']?.()
    expect(await place.isKnown(agent)).toBe(false)
    expect(isSignIn(await underWay.follow(taken))).toBe(true)
  },
)

test.each(Object.keys(acts))('A46: users %s ends a sign-in whose form was taken and no more', async (act) => {
  const agent = createAgent()
  const taken = await enter(agent, await askedBy(agent), 'ada')
  expect(taken.status).toBe(303)
  vi.setSystemTime(Date.now() + 1_000)
  await acts[act]?.()
  expect(isSignIn(await agent.follow(taken))).toBe(true)
})

test('a grant that was revoked ends the session that was made of it, and the status says so', async () => {
  const place = places['a route'] as Place
  const agent = createAgent()
  await place.signIn(agent, 'ada')
  for (const { id } of await whole.operator.grants.list({ subject: 'ada' }))
    await whole.operator.grants.revoke({ id })
  expect(await place.isKnown(agent)).toBe(false)
})

test('sign-out is on record with who said so, and leaves what clients were given', async () => {
  const agent = createAgent()
  const page = await agent.follow(await enter(agent, await askedBy(agent), 'ada'))
  await agent.press(page, 'answer', 'allow')
  const grants = await whole.operator.grants.list({ subject: 'ada' })
  expect(grants.length).toBeGreaterThan(0)
  expect(await whole.operator.users.signOut('ada')).toBeUndefined()
  expect(await whole.operator.grants.list({ subject: 'ada' })).toEqual(grants)
  expect(await whole.operator.users.signOut('nobody')).toBe('there is no user nobody')
  const record = expect.objectContaining({ event: 'signed_out', actor: 'operator olga', subject: 'ada' })
  await vi.waitFor(() => expect(whole.audit()).toContainEqual(record), { timeout: 5_000 })
})
