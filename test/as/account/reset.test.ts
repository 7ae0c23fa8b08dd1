// A link of an operator, with which somebody gets in again: once, for an hour, and in place of all that they had.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGrantOperations } from '../../../src/as/operate/grants.ts'
import { createUserOperations, type UserOperations } from '../../../src/as/operate/users.ts'
import { RESET_SECONDS } from '../../../src/as/store/resets.ts'
import type { Agent, Answer } from '../support/agent.ts'
import { databaseOf } from '../support/database.ts'
import { PASSWORD, type Scene, SETTINGS, startScene } from '../support/scene.ts'
import { createSoftPasskey } from '../support/soft-passkey.ts'
import { agentOf, openSignIn, PUBLIC } from './steps.ts'

const OTHER = 'a quite different phrase'
const RESET = `${PUBLIC}/account/reset`

let scene: Scene
let operator: UserOperations
const told: unknown[] = []
beforeEach(async () => open(await startScene({ publicUrl: PUBLIC })))
afterEach(() => scene.close())

function open(opened: Scene): void {
  scene = opened
  const { store } = scene.engine
  told.length = 0
  const tell = async (_within: unknown, event: unknown) => void told.push(event)
  operator = createUserOperations({ store, tell, grants: createGrantOperations({ store, tell }) })
}

async function link(name = 'alice'): Promise<string> {
  const made = await operator.reset(name)
  if (!made.ok) throw new Error(made.problem)
  return made.token
}

const show = (token: string, agent = agentOf(scene)) => agent.get(`${RESET}?token=${token}`)

async function choose(
  token: string,
  fields: Readonly<Record<string, string>> = {},
  agent = agentOf(scene),
): Promise<Answer> {
  const page = await show(token, agent)
  return agent.press(page, 'with', 'password', { new: OTHER, repeated: OTHER, ...fields })
}

async function canSignIn(password: string): Promise<boolean> {
  const agent = agentOf(scene)
  const page = await openSignIn(agent, `${PUBLIC}/account`)
  return (await agent.press(page, 'with', 'password', { name: 'alice', password })).status === 303
}

async function enter(): Promise<Agent> {
  const agent = agentOf(scene)
  const page = await openSignIn(agent, `${PUBLIC}/account`)
  await agent.press(page, 'with', 'password', { name: 'alice', password: PASSWORD })
  return agent
}

describe('the link', () => {
  test('ends every sign-in in a browser at once; what was there counts until it is used', async () => {
    const agent = await enter()
    scene.clock.now += 2_000
    await link()
    expect((await agent.get(`${PUBLIC}/account`)).body).toContain('type="password"')
    expect(told).toMatchObject([{ event: 'user_reset', subject: 'alice' }])
    scene.clock.now += 2_000
    expect(await canSignIn(PASSWORD)).toBe(true)
  })

  test('stands in the data as a digest, and in no event', async () => {
    const token = await link()
    const rows = databaseOf(scene.engine.store).prepare('SELECT * FROM resets').all()
    expect(
      JSON.stringify(rows.map((row) => Buffer.from(row['digest'] as Uint8Array).toString('latin1'))),
    ).not.toContain(token)
    await choose(token)
    expect(JSON.stringify([told, scene.events])).not.toContain(token)
    expect(token.length).toBeGreaterThanOrEqual(43)
  })

  test.each([
    ['nobody', 'there is no user nobody'],
    ['corp:1', 'corp:1 signs in at corp, and gets in again there'],
    ['off', 'off is disabled; let them in with: portcullis users enable off'],
  ])('is not made for %s', async (name, problem) => {
    await scene.users.recordOutside({
      ...{ subject: 'corp:1', provider: 'corp', vouchedBy: 'https://corp.example', name: 'C' },
      ...{ email: undefined, emailVerified: false, groups: [] },
    })
    await scene.users.add('off', 'hash')
    await scene.users.setDisabled('off', true)
    expect(await operator.reset(name)).toEqual({ ok: false, problem })
    expect(told).toEqual([])
  })

  test('for somebody new, who has no way in before', async () => {
    const made = await operator.invite('Bob')
    expect(told).toMatchObject([
      { event: 'user_added', subject: 'bob' },
      { event: 'user_reset', subject: 'bob' },
    ])
    expect((await choose(made.ok ? made.token : '')).status).toBe(303)
    expect((await scene.users.find('bob'))?.hasPassword).toBe(true)
    expect(await operator.invite('bob')).toEqual({ ok: false, problem: 'there is a user bob already' })
  })
})

describe('its page', () => {
  test('opened, by whoever looks at links before a person does, uses nothing up', async () => {
    const token = await link()
    for (let looks = 0; looks < 3; looks++) expect((await show(token)).status).toBe(200)
    const page = await show(token)
    expect(page.body).toContain('This link is for <strong>alice</strong>')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect((await choose(token)).status).toBe(303)
  })

  test('gives a new password, in place of the old one and of every passkey, and signs nobody in', async () => {
    await scene.engine.store.passkeys.add({
      ...{ id: 'lost', subject: 'alice', rpId: 'mcp.example.com', userHandle: 'aGFuZGxl', counter: 0 },
      ...{ publicKey: new Uint8Array([1]), transports: [], name: 'Lost', isSynced: false },
    })
    const agent = agentOf(scene)
    const done = await agent.follow(await choose(await link(), {}, agent))
    expect(done.body).toContain('Sign in with what you chose just now.')
    expect(agent.cookies.has('__Host-portcullis-signed-in')).toBe(false)
    scene.clock.now += 2_000
    expect([await canSignIn(PASSWORD), await canSignIn(OTHER)]).toEqual([false, true])
    expect(await scene.engine.store.passkeys.of('alice')).toEqual([])
    expect(scene.events).toContainEqual(
      expect.objectContaining({ event: 'user_reset', actor: 'alice', detail: 'a new password' }),
    )
  })

  test('ends who came in meanwhile', async () => {
    const token = await link()
    scene.clock.now += 2_000
    const thief = await enter()
    scene.clock.now += 2_000
    await choose(token)
    expect((await thief.get(`${PUBLIC}/account`)).body).toContain('type="password"')
  })

  test.each([
    ['too short', { new: 'short', repeated: 'short' }, 'needs at least 10 characters'],
    ['not the same twice', { repeated: 'another' }, 'in two different ways'],
  ])('%s: says so, and the link is still good', async (_name, fields, said) => {
    const token = await link()
    const answer = await choose(token, fields)
    expect([answer.status, answer.body.includes(said)]).toEqual([400, true])
    expect((await choose(token)).status).toBe(303)
  })

  test('makes a passkey instead, and the password goes', async () => {
    const agent = agentOf(scene)
    const page = await show(await link(), agent)
    const options = (/data-options="([^"]*)"/.exec(page.body)?.[1] ?? '').replaceAll('&quot;', '"')
    const passkey = createSoftPasskey(PUBLIC)
    const made = await agent.press(page, 'with', 'passkey', { passkey: passkey.create(options) })
    expect(made.location).toBe(`${PUBLIC}/account/reset-done`)
    expect(await scene.engine.store.passkeys.of('alice')).toMatchObject([{ id: passkey.id }])
    expect(await scene.users.passwordOf('alice')).toBeUndefined()
  })

  test('a passkey that is none changes nothing', async () => {
    const agent = agentOf(scene)
    const token = await link()
    const page = await show(token, agent)
    expect((await agent.press(page, 'with', 'passkey', { passkey: '{}' })).status).toBe(400)
    expect(await scene.users.passwordOf('alice')).toEqual(expect.any(String))
    expect((await show(token)).status).toBe(200)
  })

  test('without passwords in the file it takes a passkey alone', async () => {
    await scene.close()
    const signIn = { ...SETTINGS.signIn, passwords: false, passkeys: true }
    open(await startScene({ publicUrl: PUBLIC, settings: { signIn } }))
    const agent = agentOf(scene)
    const page = await show(await link(), agent)
    expect(page.body).not.toContain('type="password"')
    const forced = await agent.press(page, 'with', 'passkey', {
      with: 'password',
      new: OTHER,
      repeated: OTHER,
    })
    expect([forced.status, forced.body.includes('not offered here')]).toEqual([400, true])
  })
})

describe('over', () => {
  const expectOver = async (token: string) => {
    const page = await show(token)
    expect([page.status, page.body.includes('This link is over')]).toEqual([400, true])
  }

  test.each(['', 'x', 'A'.repeat(43), '%00', 'a'.repeat(8_000)])('what is no link: %.10s', expectOver)

  test('after its use, also from a page that was open before, and of two at once one counts', async () => {
    const token = await link()
    const agent = agentOf(scene)
    const page = await show(token, agent)
    const send = () => agent.press(page, 'with', 'password', { new: OTHER, repeated: OTHER })
    const statuses = (await Promise.all([send(), send()])).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([303, 400])
    expect((await send()).status).toBe(400)
    await expectOver(token)
  })

  test('after an hour', async () => {
    const token = await link()
    scene.clock.now += RESET_SECONDS * 1_000 - 1
    expect((await show(token)).status).toBe(200)
    scene.clock.now += 1
    await expectOver(token)
  })

  test.each<[string, () => Promise<unknown>]>([
    ['a newer link', () => operator.reset('alice')],
    ['a new password of the operator', () => operator.setPassword('alice', 'yet another phrase')],
    [
      'being disabled, also when enabled again',
      async () => [await operator.disable('alice'), await operator.enable('alice')],
    ],
    ['a person who may not come in', () => scene.users.setDisabled('alice', true)],
  ])('with %s', async (_name, act) => {
    const token = await link()
    await act()
    await expectOver(token)
  })

  test('A24: a form of another site or browser uses no link', async () => {
    const token = await link()
    const fields = { token, with: 'password', new: OTHER, repeated: OTHER, csrf: 'x' }
    expect((await agentOf(scene).post(RESET, fields)).status).toBe(403)
    expect((await show(token)).status).toBe(200)
  })
})
