// What an operator does beside a running gateway: it acts at the next request, over another connection to the same
// file, and its record comes into the gateway's audit with who did it.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { authorize, type ClientHabits, refresh, type SignedIn, signIn } from '../clients/sign-in.ts'
import { ask, callTool, postForm, startWhole, type Whole } from '../clients/whole.ts'

const HABITS: ClientHabits = { redirectUri: 'http://127.0.0.1/callback', scope: 'notes:read', state: 's' }

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

const signedIn = () => signIn(whole, { ...HABITS, resource: whole.resource })

/** The record comes with the next look at what commands have left, which is once a second. */
async function recorded(wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const members = expect.objectContaining({ actor: 'operator olga', ...wanted })
  await vi.waitFor(() => expect(whole.audit()).toContainEqual(members), { timeout: 5_000, interval: 100 })
}

async function stillWorks({ accessToken }: SignedIn): Promise<void> {
  expect((await callTool(whole, accessToken)).status).toBe(200)
}

async function worksNoMore({ accessToken, clientId, refreshToken }: SignedIn): Promise<void> {
  expect((await callTool(whole, accessToken)).status).toBe(401)
  expect((await refresh(whole, clientId, refreshToken)).json['error']).toMatch(/invalid_(grant|client)/)
}

describe('an operator beside a running gateway', () => {
  test('grants revoke: that grant ends, another of the same person does not', async () => {
    const [one, other] = [await signedIn(), await signedIn()]
    await stillWorks(one)
    const [grant] = await whole.operator.grants.list({ clientId: one.clientId })
    expect(await whole.operator.grants.revoke({ id: grant?.id ?? '' })).toEqual([grant?.id])
    await worksNoMore(one)
    await stillWorks(other)
    await recorded({ event: 'revoked', grant: grant?.id, subject: 'ada', client: one.clientId })
  })

  test('grants revoke: the person is asked before the client is connected again', async () => {
    const habits = { ...HABITS, redirectUri: 'https://client.example/callback', resource: whole.resource }
    const person = whole.person()
    const { clientId } = await signIn(whole, habits, person)
    const headings = async () => {
      person.takePages()
      await authorize(whole, habits, clientId, person)
      return person.takePages().map(({ heading }) => heading)
    }
    expect(await headings()).toEqual([])
    expect((await whole.operator.grants.revoke({ clientId, subject: 'ada' })).length).toBeGreaterThan(0)
    expect(await headings()).toEqual([expect.stringContaining('wants to use')])
  })

  test('users disable: every client of the person, and no new sign-in; enable lets them in again', async () => {
    const session = await signedIn()
    await stillWorks(session)
    expect(await whole.operator.users.disable('ada')).toBeUndefined()
    await worksNoMore(session)
    await expect(signedIn()).rejects.toThrow(/the page says/)
    await recorded({ event: 'user_disabled', subject: 'ada' })
    expect(await whole.operator.users.enable('ada')).toBeUndefined()
    await stillWorks(await signedIn())
  })

  test('users passwd: the browser has to sign in again, what clients hold stays', async () => {
    const person = whole.person()
    const session = await signIn(whole, { ...HABITS, resource: whole.resource }, person)
    person.takePages()
    expect(await whole.operator.users.setPassword('ada', 'correct horse battery')).toBeUndefined()
    await stillWorks(session)
    await authorize(whole, { ...HABITS, resource: whole.resource }, session.clientId, person)
    expect(person.takePages()[0]?.heading).toContain('Sign in')
    await recorded({ event: 'password_changed', subject: 'ada' })
  })

  test('clients remove: its tokens, its refresh and its id', async () => {
    const session = await signedIn()
    await stillWorks(session)
    expect(await whole.operator.clients.remove(session.clientId)).toBe(true)
    await worksNoMore(session)
    expect(await whole.operator.clients.find(session.clientId)).toBeUndefined()
    await recorded({ event: 'client_removed', client: session.clientId })
  })

  test('clients rotate-secret: the old secret and the tokens that it got are refused, the new one works', async () => {
    const { id, secret } = await whole.operator.clients.add({
      name: 'robot',
      redirectUris: [],
      isPublic: false,
    })
    const tokenWith = (given: string | undefined) =>
      postForm(`${whole.origin}/token`, {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: given,
        resource: whole.resource,
      })
    const basic = (given: string | undefined) =>
      ask(`${whole.origin}/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`${id}:${given}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: whole.resource }).toString(),
      })
    expect((await tokenWith('wrong')).status).toBe(401)
    const before = String((await basic(secret)).json['access_token'])
    expect((await callTool(whole, before)).status).toBe(200)
    const fresh = await whole.operator.clients.rotateSecret(id)
    expect(fresh).not.toBe(secret)
    expect((await callTool(whole, before)).status).toBe(401)
    expect((await basic(secret)).status).toBe(401)
    expect((await basic(fresh)).status).toBe(200)
    await recorded({ event: 'secret_rotated', client: id })
  })

  test('A49 keys rotate: new tokens by the new key, old ones hold until they expire', async () => {
    const session = await signedIn()
    const kid = await whole.operator.keys.rotate()
    await stillWorks(session)
    const published = (await ask(`${whole.origin}/jwks`)).json['keys'] as { kid: string }[]
    expect(published[0]?.kid).toBe(kid)
    expect(published.length).toBeGreaterThan(1)
    const { accessToken } = await signedIn()
    expect(JSON.parse(atob(accessToken.split('.')[0] ?? ''))).toMatchObject({ kid })
    await stillWorks(await signedIn())
    await recorded({ event: 'key_rotated', detail: kid })
  })

  test('nothing that is recorded holds a secret, a password or a token', () => {
    // Random ids hold the three letters now and then; a JWT has a dot behind its header.
    expect(JSON.stringify(whole.audit())).not.toMatch(/correct horse|another long|eyJ[\w-]+\.|client_secret/)
  })
})
