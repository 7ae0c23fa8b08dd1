// The official clients (SDK 1.32.2 and 2.4.0) at the embedded authorization server, when a call is refused for want of a
// scope while they hold a refresh token: all of them reach the person, and one without a browser loses nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openV1 } from '../../src/cli/demo/client-v1.ts'
import { openV2 } from '../../src/cli/demo/client-v2.ts'
import { DemoLogin } from '../../src/cli/demo/login.ts'
import type { DemoPerson } from '../../src/cli/demo/person.ts'
import { type DemoSession, openDemoSession, rejection } from '../../src/cli/demo/session.ts'
import { createWire, type Wire } from '../../src/cli/demo/wire.ts'
import { refresh, signIn } from '../as/clients/sign-in.ts'
import { callTool, startWhole, type Whole } from '../as/clients/whole.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'

const RULES = `
        - { name: text, tools: [test_simple_text], scopes: [notes:read] }
        - { name: images, tools: [test_image_content], scopes: [notes:write] }`

let everything: RunningServer
let whole: Whole
beforeAll(async () => {
  everything = await startEverything()
  whole = await startWhole({ upstreamUrl: everything.url, rules: RULES })
})
afterAll(async () => {
  await whole.close()
  await everything.close()
})

/** May lose its browser, and count as a client that cannot forget its tokens. */
class Login extends DemoLogin {
  hasBrowser = true

  override redirectToAuthorization(url: URL): void {
    if (!this.hasBrowser) throw new Error('there is no browser here')
    super.redirectToAuthorization(url)
  }

  get refreshToken(): string {
    return this.tokens()?.refresh_token ?? ''
  }
}

interface Client {
  readonly login: Login
  readonly session: DemoSession
  readonly person: DemoPerson
  readonly wire: Wire
  /** What the token endpoint answered since the last time. */
  tokenAnswers(): (number | undefined)[]
}

const KINDS = [
  { name: 'SDK 1.x', opener: openV1, forgets: true, refreshes: true },
  { name: 'SDK 1.x without invalidateCredentials', opener: openV1, forgets: false, refreshes: true },
  { name: 'SDK 2.x', opener: openV2, forgets: true, refreshes: false },
]

async function signedIn({ name, opener, forgets }: (typeof KINDS)[number]): Promise<Client> {
  const person = whole.person()
  const grantTypes = ['authorization_code', 'refresh_token']
  const login = new Login({ clientName: name, grantTypes, browse: person.browse })
  if (!forgets) Object.defineProperty(login, 'invalidateCredentials', { value: undefined })
  const wire = createWire()
  const session = await openDemoSession(opener, whole.resource, login, wire)
  await session.signIn()
  wire.take()
  person.takePages()
  const tokenAnswers = () =>
    wire
      .take()
      .filter(({ url }) => url.endsWith('/token'))
      .map(({ status }) => status)
  return { login, session, person, wire, tokenAnswers }
}

const events = (name: string) => whole.audit().filter(({ event }) => event === name)

describe.each(KINDS)('$name with a refresh token', (kind) => {
  test('asks the person for the scopes of the challenge, and the call goes through', async () => {
    const { login, session, person, tokenAnswers } = await signedIn(kind)
    const before = login.refreshToken
    await rejection(session.call('test_image_content', {}))
    expect(login.wanted).toBe(true)
    expect(login.refreshToken).toBe(before)
    expect(tokenAnswers()).toEqual(kind.refreshes ? [400] : [])
    await session.stepUp()
    const [page] = person.takePages()
    expect(page?.asked).toEqual(['notes:write makes changes new', 'notes:read makes changes'])
    expect(login.granted.split(' ').sort()).toEqual(['notes:read', 'notes:write'])
    await session.call('test_image_content', {})
    await session.close()
  })

  test('without a browser: the call fails, and the same refresh token goes on', async () => {
    const { login, session, tokenAnswers } = await signedIn(kind)
    const before = login.refreshToken
    login.hasBrowser = false
    await rejection(session.call('test_image_content', {}))
    expect(login.refreshToken).toBe(before)
    await session.call('test_simple_text', {})
    login.spoilAccessToken()
    if (!kind.refreshes) await rejection(session.call('test_simple_text', {})) // its one refusal comes here
    expect(tokenAnswers()).toEqual([400])
    await session.call('test_simple_text', {})
    expect(tokenAnswers()).toEqual([200])
    expect(login.refreshToken).not.toBe(before)
    await session.close()
  })
})

test('a reload between the call and the refresh changes nothing', async () => {
  const habits = { redirectUri: 'http://127.0.0.1/callback', scope: 'notes:read', resource: whole.resource }
  const { clientId, accessToken, refreshToken } = await signIn(whole, habits)
  expect((await callTool(whole, accessToken, 'test_image_content')).status).toBe(403)
  await whole.reload('')
  const answers = [await refresh(whole, clientId, refreshToken), await refresh(whole, clientId, refreshToken)]
  expect(answers.map(({ status }) => status)).toEqual([400, 200])
  expect(answers[0]?.json['error']).toBe('interaction_required')
})

test('the audit names the client, the grant and the scopes', () => {
  const [first] = events('step_up_asked')
  const named = { client: expect.any(String), grant: expect.any(String), subject: 'ada' }
  expect(first).toMatchObject({ ...named, detail: 'notes:write', request_id: expect.any(String) })
})
