// People who sign in to the console at the embedded authorization server of the same gateway, over real sockets: by its
// own sign-in, without a page that asks for consent; and out again as soon as they are shut out there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consoleClientId } from '../../src/as/console-client.ts'
import { createDemoPerson } from '../../src/cli/demo/person.ts'
import { signIn } from '../as/clients/sign-in.ts'
import { ask, callTool, PASSWORD, pkce, startWhole, type Whole } from '../as/clients/whole.ts'
import { openEvents } from './events.ts'
import { formWith } from './operators.ts'
import { type Browser, signInBy } from './signed-in.ts'

const ADMIN = `{ listen: 127.0.0.1:0, people: { issuer: builtin, rules: [
  { who: { subjects: [ada, grace] }, may: [view, operate, approve] }, { who: { subjects: [vera] }, may: [view] } ] } }`
const RULES = `
        - { name: reading, tools: [safe], scopes: [notes:read] }
        - { name: paying, effect: approve, tools: [pay], approvers: { subjects: [ada, grace] } }`

let whole: Whole
beforeAll(async () => {
  whole = await startWhole({ admin: ADMIN, rules: RULES })
  for (const name of ['grace', 'vera', 'eve']) await whole.operator.users.add(name, PASSWORD)
})
afterAll(() => whole.close())

const personCalled = (name: string) => createDemoPerson({ name, password: PASSWORD, fetch })
const enter = (name: string, person = personCalled(name)): Promise<Browser> =>
  signInBy(whole.gateway.adminOrigin, person.browse)
const redirectUri = () => `${whole.gateway.adminOrigin}/console/callback`

describe('a person', () => {
  test('signs in with their password, and is asked for nothing more', async () => {
    const ada = personCalled('ada')
    const browser = await enter('ada', ada)
    expect(browser.arrived.text).toContain('Signed in as <strong>ada</strong>')
    expect(ada.takePages().map(({ heading }) => heading)).toEqual([expect.stringContaining('Sign in')])
    expect((await browser.page('')).status).toBe(200)
    const person = { actor: 'operator ada', issuer: whole.origin, subject: 'ada' }
    expect(whole.audit()).toContainEqual(expect.objectContaining({ event: 'operator_sign_in', ...person }))
    const grants = await whole.operator.grants.list({ subject: 'ada' })
    expect(grants.filter(({ clientId }) => clientId === consoleClientId(redirectUri()))).toEqual([])
    const again = await enter('ada', ada)
    expect(ada.takePages()).toEqual([]) // the server knows the browser
    expect((await again.page('')).status).toBe(200)
  })

  test('has the rights of the rules that fit, and comes not in without one', async () => {
    const vera = await enter('vera')
    expect((await vera.page('/people')).status).toBe(200)
    const form = formWith((await vera.page('')).text, '/console/sign-out')
    expect((await vera.send('/people/change', [...form, ['change', 'disable'], ['id', 'ada']])).status).toBe(
      403,
    )
    const eve = await enter('eve')
    expect(eve.arrived.status).toBe(403)
    expect((await eve.page('')).status).toBe(401)
  })

  test('signs in again after somebody removed the client of the console', async () => {
    await whole.operator.clients.remove(consoleClientId(redirectUri()))
    expect((await (await enter('ada')).page('')).status).toBe(200)
  })

  test('signs in after a reload, and keeps a session that it changed nothing about', async () => {
    const before = await enter('ada')
    await whole.reload('  access_token_ttl: 5m')
    expect((await before.page('')).status).toBe(200)
    expect((await (await enter('ada')).page('')).status).toBe(200)
  })

  test('approves no call of their own; somebody else does', async () => {
    const { accessToken } = await signIn(whole, {
      ...{
        redirectUri: 'http://127.0.0.1/callback',
        scope: 'notes:read',
        state: 's',
        resource: whole.resource,
      },
    })
    const { json } = await callTool(whole, accessToken, 'pay')
    const [, id = ''] = /waits as approval ([0-9a-f]+)/.exec(JSON.stringify(json)) ?? []
    const path = `/approvals/call?id=${id}`
    const [ada, grace] = [await enter('ada'), await enter('grace')]
    expect((await ada.page(path)).text).toContain('whoever makes a call does not approve it')
    const form = formWith((await grace.page(path)).text, '/console/approvals/decide')
    expect((await grace.send('/approvals/decide', [...form, ['decision', 'approve']])).status).toBe(303)
    expect((await callTool(whole, accessToken, 'pay')).json).not.toHaveProperty('result.isError')
  })
})

describe('a session ends at once', () => {
  test.each([
    ['with the person who is shut out', () => whole.operator.users.disable('grace')],
    ['with every other browser of theirs', () => whole.operator.users.signOut('grace')],
  ])('%s', async (_what, end) => {
    const grace = await enter('grace')
    expect((await grace.page('')).status).toBe(200)
    const { adminOrigin } = whole.gateway
    const events = await openEvents(`${adminOrigin}/console/events`, { cookie: grace.cookie })
    await events.next()
    await end()
    expect((await grace.page('')).status).toBe(401)
    await events.ended()
    await whole.operator.users.enable('grace')
    expect((await grace.page('')).status).toBe(401)
    expect((await (await enter('grace')).page('')).status).toBe(200)
  })

  test('and who is shut out does not come in', async () => {
    await whole.operator.users.disable('vera')
    await expect(enter('vera')).rejects.toThrow('the page says')
    await whole.operator.users.enable('vera')
  })
})

describe('what the console may ask for is its own', () => {
  const authorize = (clientId: string, uri: string, resource: string) => {
    const asked = {
      client_id: clientId,
      redirect_uri: uri,
      resource,
      scope: 'openid',
      state: 's',
      response_type: 'code',
    }
    const { challenge } = pkce()
    const query = new URLSearchParams({ ...asked, code_challenge: challenge, code_challenge_method: 'S256' })
    return ask(`${whole.origin}/authorize?${query}`)
  }
  const errorIn = ({ headers }: Awaited<ReturnType<typeof authorize>>) =>
    new URL(headers.get('location') ?? '', whole.origin).searchParams.get('error')

  test('another client does not ask for it', async () => {
    const { id } = await whole.operator.clients.add({
      ...{ name: 'Other', redirectUris: ['http://127.0.0.1/callback'], isPublic: true },
    })
    expect(errorIn(await authorize(id, 'http://127.0.0.1/callback', 'urn:portcullis:console'))).toBe(
      'invalid_target',
    )
    expect(errorIn(await authorize(id, 'http://127.0.0.1/callback', whole.resource))).toBe(null)
  })

  test('the console asks for nothing else', async () => {
    await enter('ada')
    const id = consoleClientId(redirectUri())
    expect(errorIn(await authorize(id, redirectUri(), whole.resource))).toBe('invalid_target')
    expect(errorIn(await authorize(id, redirectUri(), 'urn:portcullis:console'))).toBe(null)
  })

  test('no list of the server names it', async () => {
    const { json } = await ask(`${whole.origin}/.well-known/oauth-authorization-server`)
    expect(JSON.stringify(json)).not.toContain('portcullis:console')
  })
})
