// People, clients, grants and browsers on the console of a whole gateway with its own authorization server: each button
// acts at once, with the operator in the audit; what changed since it was shown is not changed.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ClientHabits, refresh, type SignedIn, signIn } from '../as/clients/sign-in.ts'
import { callTool, startWhole, type Whole } from '../as/clients/whole.ts'
import { startTestGateway } from '../support/gateway.ts'
import { ADMIN, type Console, consoleAt, formWith } from './operators.ts'

const HABITS: ClientHabits = { redirectUri: 'http://127.0.0.1/callback', scope: 'notes:read', state: 's' }
const PERSON = '/people/person?subject=ada'

let whole: Whole
let shown: Console
beforeAll(async () => {
  whole = await startWhole({ admin: ADMIN })
  shown = consoleAt(whole.gateway.adminOrigin)
})
afterAll(() => whole.close())

const signedIn = () => signIn(whole, { ...HABITS, resource: whole.resource })
const formOf = async (path: string, mark: string) => formWith((await shown.page(path, 'worker')).text, mark)
const change = (fields: readonly (readonly [string, string])[], name = 'worker') =>
  shown.send('/people/change', name, fields)

async function recorded(wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const members = expect.objectContaining({ actor: 'operator worker', ...wanted })
  await vi.waitFor(() => expect(whole.audit()).toContainEqual(members), { timeout: 5_000, interval: 100 })
}

async function worksNoMore({ accessToken, clientId, refreshToken }: SignedIn): Promise<void> {
  expect((await callTool(whole, accessToken)).status).toBe(401)
  expect((await refresh(whole, clientId, refreshToken)).json['error']).toMatch(/invalid_(grant|client)/)
}

describe('what is shown', () => {
  test('people, clients and grants, found by the filter', async () => {
    const { clientId } = await signedIn()
    const { text } = await shown.page('/people', 'viewer')
    expect(text).toContain('<bdi>ada</bdi>')
    expect(text).toContain(`<bdi>${clientId}</bdi>`)
    expect(text).toContain(`<bdi>${whole.resource}</bdi>: <bdi>notes:read</bdi>`)
    expect(text).not.toContain('/console/people/change')
    expect((await shown.page('/people?q=nobody', 'viewer')).text).toContain('There are no grants.')
  })

  test('a client whose name acts nowhere', async () => {
    await whole.operator.clients.add({ name: '<b>x</b>\u202e', redirectUris: [], isPublic: false })
    const { text } = await shown.page('/people', 'worker')
    expect(text).toContain('<bdi>&lt;b&gt;x&lt;/b&gt;\\u202e</bdi>')
    expect(text).not.toMatch(/<b>|\u202e/)
  })

  test('nobody of that name', async () => {
    const { status, text } = await shown.page('/people/person?subject=<b>', 'viewer')
    expect(status).toBe(404)
    expect(text).toContain('There is no such person')
  })

  test('a gateway without an authorization server of its own', async () => {
    const other = await startTestGateway({ admin: ADMIN })
    try {
      const there = consoleAt(other.running.adminOrigin)
      expect((await there.page('/people', 'viewer')).text).toContain('No issuer is embedded here')
      expect((await there.send('/people/change', 'worker', [['change', 'disable']])).status).toBe(409)
    } finally {
      await other.close()
    }
  })
})

describe('what is changed acts at once', () => {
  test('a grant is revoked', async () => {
    const session = await signedIn()
    expect((await callTool(whole, session.accessToken)).status).toBe(200)
    const form = await formOf(PERSON, `what ada gave to ${session.clientId}`)
    const { status, text } = await change(form)
    expect(status).toBe(200)
    expect(text).toContain('The grant is revoked')
    await worksNoMore(session)
    await recorded({ event: 'revoked', subject: 'ada', client: session.clientId })
    expect((await change(form)).status).toBe(409)
  })

  test('a client is removed', async () => {
    const session = await signedIn()
    const { text } = await change(await formOf('/people', `Remove client ${session.clientId}`))
    expect(text).toContain('The client is removed')
    await worksNoMore(session)
    await recorded({ event: 'client_removed', client: session.clientId })
  })

  test('a browser is signed out, and then every one', async () => {
    await signedIn()
    const before = (await whole.operator.sessions.list('ada')).length
    expect((await change(await formOf(PERSON, 'value="end_session"'))).text).toContain(
      'The browser is signed out',
    )
    expect(await whole.operator.sessions.list('ada')).toHaveLength(before - 1)
    await recorded({ event: 'signed_out', subject: 'ada', detail: 'one browser' })
    await signedIn()
    await change(await formOf(PERSON, 'value="sign_out"'))
    expect(await whole.operator.sessions.list('ada')).toEqual([])
  })

  test('a person is shut out, and let in again', async () => {
    const session = await signedIn()
    expect((await change(await formOf(PERSON, 'value="disable"'))).text).toContain('The person is shut out')
    await worksNoMore(session)
    await recorded({ event: 'user_disabled', subject: 'ada' })
    await change(await formOf(PERSON, 'value="enable"'))
    await recorded({ event: 'user_enabled', subject: 'ada' })
    await signedIn()
  })
})

describe('what is not changed', () => {
  test('what changed since it was shown', async () => {
    const form = await formOf(PERSON, 'value="disable"')
    await whole.operator.users.disable('ada')
    const { status, text } = await change(form)
    expect(status).toBe(409)
    expect(text).toContain('it has changed since the page was shown')
    expect(text).toContain('Let in again')
    await whole.operator.users.enable('ada')
  })

  test.each(['viewer', 'judge'])('anything, by %s', async (name) => {
    const form = await formOf(PERSON, 'value="disable"')
    expect((await change(form, name)).status).toBe(403)
    expect((await whole.operator.users.list()).find(({ subject }) => subject === 'ada')?.disabled).toBe(false)
  })

  test.each([
    [[['change', 'constructor']]],
    [[['change', 'disable']]],
    [
      [
        ['change', 'disable'],
        ['id', 'ada'],
        ['subject', 'ada'],
        ['shown', 'x'],
      ],
    ],
    [
      [
        ['change', 'revoke_grant'],
        ['id', 'x'],
        ['shown', ''],
      ],
    ],
  ] as const)('a form that no page has: %j', async (fields) => {
    expect((await change(fields)).status).toBe(409)
    expect((await whole.operator.users.list()).find(({ subject }) => subject === 'ada')?.disabled).toBe(false)
  })
})
