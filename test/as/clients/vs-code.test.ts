// VS Code as it was seen: the resource compared byte for byte, scopes replaced by those of a challenge,
// a web and a loopback redirect address in one registration.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientHabits, signIn } from './sign-in.ts'
import { discover, expectToken, walk } from './walk.ts'
import { callTool, startWhole, type Whole } from './whole.ts'

const REGISTERED = [
  'https://insiders.vscode.dev/redirect',
  'https://vscode.dev/redirect',
  'http://127.0.0.1/',
  'http://127.0.0.1:33418/',
]

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

const habits = (redirectUri: string): ClientHabits => ({
  redirectUri,
  registeredUris: REGISTERED,
  registration: { client_name: 'Visual Studio Code', client_uri: 'https://code.visualstudio.com' },
  resource: whole.resource,
  scope: 'notes:read',
  state: 's',
})

describe('VS Code (Q-10, Q-11, Q-12)', () => {
  test('PRM-15: new URL(resource) is new URL(server)', async () => {
    const { resource } = await discover(whole, { method: 'POST' })
    expect(new URL(String(resource['resource'])).toString()).toBe(new URL(whole.resource).toString())
  })

  test.each([
    ['DCR-03: its fixed port', 'http://127.0.0.1:33418/'],
    ['DCR-03: another port, when that one is taken', 'http://127.0.0.1:53311/'],
    ['DCR-03: by its web page', 'https://vscode.dev/redirect'],
  ])('%s', async (_, redirectUri) => {
    await walk(whole, habits(redirectUri))
  })

  test('CHL-11: the scopes of the 403 are all that it needs, since it replaces its own by them', async () => {
    const session = await signIn(whole, habits('http://127.0.0.1:33418/'))
    const denied = await callTool(whole, session.accessToken, 'danger')
    const scope = /scope="([^"]*)"/.exec(denied.headers.get('www-authenticate') ?? '')?.[1] ?? ''
    const more = await signIn(whole, { ...habits('http://127.0.0.1:33418/'), scope })
    expectToken(whole, more.token, 'notes:read notes:write')
    expect((await callTool(whole, more.accessToken)).status).toBe(200)
    expect((await callTool(whole, more.accessToken, 'danger')).status).toBe(200)
  })

  test('CHL-12: each challenge begins with `Bearer` in this case and names scopes', async () => {
    const { challenge } = await discover(whole)
    expect(challenge).toMatch(/^Bearer .*scope="notes:read"/)
    const stale = await callTool(whole, 'stale')
    expect(stale.headers.get('www-authenticate')).toMatch(/^Bearer .*scope="notes:read"/)
  })
})
