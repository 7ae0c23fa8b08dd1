// Sign-in with a browser at an issuer elsewhere, through a whole gateway that has no authorization server of its own:
// at a real one (ours, in another place), and at one that fails in any way.
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { createScene, notesRoute } from '../engine/scene.ts'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import {
  auth,
  begin,
  CLIENT_SECRET,
  callNotes,
  type Elsewhere,
  isSignedIn,
  startElsewhere,
} from '../support/elsewhere.ts'
import { type FakeProvider, startProvider } from '../support/provider.ts'

const SESSION = 'portcullis-session-notes'

describe('a real OpenID Connect issuer', () => {
  test('G1, G12: the whole way, a call as the person, and an end that a reload does not undo', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`
    const issuer = await createScene({ routes: () => [notesRoute(origin)] })
    await issuer.server.store.clients.save('portcullis-at-fake', 'operator', {
      client_id: 'portcullis-at-fake',
      client_secret: CLIENT_SECRET,
      redirect_uris: [`${origin}/auth/callback/corp`],
      grant_types: ['authorization_code'],
      application_type: 'native',
    })
    const gateway = await startElsewhere(issuer.origin, { at: origin })
    const agent = createAgent()
    expect(await isSignedIn(gateway, agent)).toBe(false)
    expect(await callNotes(gateway, agent)).toBe(401)

    const done = await agent.follow(await agent.get(auth(gateway, 'login')))
    expect(done.body).toContain('You are signed in.')
    expect(await isSignedIn(gateway, agent)).toBe(true)
    expect(await callNotes(gateway, agent)).toBe(200)
    const seen = gateway.upstream.received.at(-1)?.headers
    expect([seen?.['x-mcp-subject'], seen?.['x-mcp-issuer']]).toEqual(['ada', issuer.origin])
    expect([seen?.cookie, seen?.authorization]).toEqual([undefined, undefined])
    const said = JSON.stringify([gateway.audit(), [...agent.cookies], agent.setCookies])
    expect(said).toContain('"sign_in\\"')
    expect(said).not.toMatch(/eyJ[\w-]+\.eyJ/)

    await gateway.reload()
    expect(await callNotes(gateway, agent)).toBe(200)
    const kept = agent.cookies.get(SESSION) ?? ''
    const page = await agent.get(auth(gateway, 'logout'))
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    await agent.post(auth(gateway, 'logout'), { csrf })
    agent.cookies.set(SESSION, kept)
    expect([await callNotes(gateway, agent), await isSignedIn(gateway, agent)]).toEqual([401, false])
    await gateway.reload()
    expect(await callNotes(gateway, agent)).toBe(401) // G4
    expect(existsSync('.portcullis')).toBe(false)
    await gateway.close()
    await issuer.stop()
  })
})

describe('an issuer that fails', () => {
  let provider: FakeProvider
  let gateway: Elsewhere
  let agent: Agent
  beforeEach(async () => {
    provider = await startProvider()
    gateway = await startElsewhere(provider.url)
    provider.accessToken = { aud: `${gateway.origin}/notes/mcp`, scope: 'notes:read', client_id: 'desk' }
    agent = createAgent()
  })
  afterEach(async () => {
    await gateway.close()
    await provider.close()
  })

  /** Back from the issuer, and what the gateway says to it. */
  async function signIn(): Promise<Answer> {
    const asked = await begin(gateway, agent)
    const back = await fetch(asked, { redirect: 'manual' })
    return await agent.get(back.headers.get('location') ?? '')
  }

  function expectRefused(answer: Answer, status: number, detail: string): void {
    expect([answer.status, agent.cookies.has(SESSION)]).toEqual([status, false])
    expect(gateway.audit()).toContain(`"event":"sign_in_refused"`)
    expect(gateway.audit()).toContain(detail)
  }

  test('G1: what is asked for, and with what the code is redeemed', async () => {
    expect((await signIn()).location).toBe(auth(gateway, 'success'))
    const asked = await begin(gateway, createAgent())
    const resource = `${gateway.origin}/notes/mcp`
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'portcullis-at-fake',
      redirect_uri: auth(gateway, 'callback/corp'),
      scope: 'openid notes:read',
      code_challenge_method: 'S256',
      resource,
    })
    const [redeemed] = provider.redeemed
    const shown = atob(redeemed?.authorization?.replace('Basic ', '') ?? '').replaceAll('+', ' ')
    expect(decodeURIComponent(shown)).toBe(`portcullis-at-fake:${CLIENT_SECRET}`)
    expect(redeemed?.form.get('resource')).toBe(resource)
    expect([
      await callNotes(gateway, agent),
      gateway.upstream.received.at(-1)?.headers['x-mcp-subject'],
    ]).toEqual([200, 'sub-1'])
  })

  const wrong: readonly (readonly [string, () => void, string])[] = [
    ['another nonce', () => Object.assign(provider.idToken, { nonce: 'another' }), 'browser: OAUTH_'],
    [
      'another issuer in the ID token',
      () => Object.assign(provider.idToken, { iss: 'https://a.example' }),
      'browser: OAUTH_',
    ],
    [
      'another client in the ID token',
      () => Object.assign(provider.idToken, { aud: 'a' }),
      'browser: OAUTH_',
    ],
    ['no subject', () => Object.assign(provider.idToken, { sub: undefined }), 'browser: OAUTH_'],
    [
      'another iss',
      () => (provider.redirect = (url) => changed(url, 'iss', 'https://a.example')),
      'browser: OAUTH_',
    ],
    ['no iss', () => (provider.redirect = (url) => changed(url, 'iss', undefined)), 'browser: OAUTH_'],
    [
      'an error',
      () => (provider.redirect = (url) => changed(url, 'error', 'access_denied')),
      'browser: access_denied',
    ],
    [
      'a code of nobody',
      () => (provider.redirect = (url) => changed(url, 'code', 'x')),
      'browser: invalid_grant',
    ],
    [
      'a token for somebody else',
      () => Object.assign(provider.accessToken ?? {}, { aud: 'account' }),
      'token_rejected (audience)',
    ],
    [
      'a token that is over',
      () => Object.assign(provider.accessToken ?? {}, { exp: 1 }),
      'token_rejected (expiry)',
    ],
    [
      'an opaque token that nobody can judge',
      () => {
        provider.accessToken = undefined
      },
      'token_rejected (shape)',
    ],
    [
      'a token that no cookie holds',
      () => Object.assign(provider.accessToken ?? {}, { more: 'x'.repeat(2_000) }),
      'too long for a cookie',
    ],
  ]
  test.each(wrong)('G1: %s makes no session', async (_name, spoil, detail) => {
    spoil()
    expectRefused(await signIn(), 400, detail)
  })

  test('G2: no state, that of another browser, the same answer twice, or at the address of another issuer', async () => {
    const asked = await begin(gateway, agent)
    const back = new URL((await fetch(asked, { redirect: 'manual' })).headers.get('location') ?? '')
    const victim = createAgent()
    await begin(gateway, victim)
    expect((await victim.get(back.href)).status).toBe(400)
    expect((await agent.get(back.href.replace('/callback/corp', '/callback'))).status).toBe(404)
    const cookies = new Map(agent.cookies)
    expect((await agent.get(back.href)).status).toBe(303)
    for (const [name, value] of cookies) agent.cookies.set(name, value)
    expect((await agent.get(back.href)).status).toBe(400)
  })

  test('an issuer that is down: a page that says so, and all is well when it is back', async () => {
    provider.down = true
    expect((await agent.get(auth(gateway, 'login'))).status).toBe(502)
    provider.down = false
    expect((await signIn()).status).toBe(303)
    expect(await callNotes(gateway, agent)).toBe(200)
  })

  test('an issuer that goes down on the way', async () => {
    const asked = await begin(gateway, agent)
    const back = (await fetch(asked, { redirect: 'manual' })).headers.get('location') ?? ''
    provider.down = true
    expectRefused(await agent.get(back), 502, 'browser: no answer')
  })
})

describe('what an issuer may want otherwise', () => {
  const rows: readonly (readonly [string, Record<string, unknown>, string, string | null, boolean])[] = [
    [
      'a secret in the form',
      { token_endpoint_auth_methods_supported: ['client_secret_post'] },
      `client_secret: ${CLIENT_SECRET}`,
      CLIENT_SECRET,
      true,
    ],
    ['no secret', {}, 'scopes: [a, b]', null, true],
    ['no resource', {}, `client_secret: ${CLIENT_SECRET}, resource: false`, null, false],
    [
      'no iss, as it says',
      { authorization_response_iss_parameter_supported: undefined },
      `client_secret: ${CLIENT_SECRET}`,
      null,
      true,
    ],
  ]
  test.each(rows)('%s', async (_name, metadata, client, secret, tellsResource) => {
    const provider = await startProvider()
    provider.metadata = metadata
    if ('authorization_response_iss_parameter_supported' in metadata)
      provider.redirect = (url) => changed(url, 'iss', undefined)
    const gateway = await startElsewhere(provider.url, { client })
    provider.accessToken = { aud: `${gateway.origin}/notes/mcp`, scope: 'notes:read' }
    const agent = createAgent()
    const asked = await begin(gateway, agent)
    if (client.includes('scopes')) expect(asked.searchParams.get('scope')).toBe('openid a b')
    expect(asked.searchParams.has('resource')).toBe(tellsResource)
    expect((await agent.follow(await agent.get(asked.href))).body).toContain('You are signed in.')
    const [redeemed] = provider.redeemed
    expect(redeemed?.form.get('client_secret') ?? null).toBe(secret)
    expect(redeemed?.authorization !== undefined).toBe(secret === null && !client.includes('scopes'))
    expect(redeemed?.form.has('resource')).toBe(tellsResource)
    await gateway.close()
    await provider.close()
  })
})

function changed(url: URL, name: string, value: string | undefined): URL {
  const changed = new URL(url)
  if (value === undefined) changed.searchParams.delete(name)
  else changed.searchParams.set(name, value)
  return changed
}
