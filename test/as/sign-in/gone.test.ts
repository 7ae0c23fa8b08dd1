// People who are gone at their provider: what clients hold of them ends, at a refresh that the provider is asked about or
// when the person would have to sign in there again. A provider that is down ends nothing.
import { afterEach, describe, expect, test } from 'vitest'
import { expectError, expectWarning, file, settingsOf } from '../../config/support.ts'
import { createAgent } from '../support/agent.ts'
import { databaseOf } from '../support/database.ts'
import { json } from '../support/provider.ts'
import { clientOf, RESOURCE } from '../support/scene.ts'
import { EVERYBODY, startWay, type Way, type WayOptions } from '../support/way.ts'

const MINUTE = 60_000
const SUBJECT = 'fake:sub-1'
const CHECKED: WayOptions = { over: { checkOnRefresh: true } }

let way: Way
afterEach(() => way.close())

type Form = Readonly<Record<string, string>>

async function token(form: Form): Promise<{ status: number; json: Form }> {
  const body = new URLSearchParams({ client_id: 'app', ...form })
  const answer = await fetch(`${way.scene.origin}/token`, { method: 'POST', body })
  return { status: answer.status, json: (await answer.json()) as Form }
}

/** The person signs in at the provider and connects a client; what the client holds then. */
async function connect(options: WayOptions): Promise<{ refreshToken: string; accessToken: string }> {
  way = await startWay(EVERYBODY, 'oidc', options)
  const app = clientOf('app', 'Notes for Claude', way.scene.callbackUrl)
  const grant_types = ['authorization_code', 'refresh_token']
  await way.scene.engine.store.clients.save('app', 'operator', { ...app, grant_types })
  way.provider.refreshToken = 'provider refresh 1'
  return await agree()
}

async function agree(agent = createAgent()) {
  const asked = way.scene.authorizeUrl('app', { scope: 'notes:read', resource: RESOURCE })
  const page = await agent.follow(await agent.get(await way.depart(agent, asked)))
  if (page.body.includes('wants to use')) await agent.follow(await agent.press(page, 'answer', 'allow'))
  const { callbacks, callbackUrl: redirect_uri } = way.scene
  const code = callbacks.at(-1)?.searchParams.get('code') ?? ''
  const got = await token({
    ...{ grant_type: 'authorization_code', code, redirect_uri, code_verifier: 'v'.repeat(43) },
  })
  expect(got.status).toBe(200)
  return { refreshToken: got.json['refresh_token'] ?? '', accessToken: got.json['access_token'] ?? '' }
}

const refresh = (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken })
const later = (ms: number) => {
  way.scene.clock.now += ms
}
const asks = () => way.provider.redeemed.filter(({ form }) => form.get('grant_type') === 'refresh_token')

describe('a refresh that the provider is asked about', () => {
  test('LEG-14 a person whom it deleted loses everything at once, and that is on record', async () => {
    const first = await connect(CHECKED)
    const second = await agree()
    later(2 * MINUTE)
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(way.scene.events.filter(({ event }) => event === 'revoked')).toHaveLength(2)
    expect(way.scene.events).toContainEqual(
      expect.objectContaining({ event: 'user_gone', actor: 'provider fake', subject: SUBJECT }),
    )
    expect((await refresh(second.refreshToken)).status).toBe(400)
    const payload = JSON.parse(Buffer.from(second.accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(await way.scene.server.isRevoked(payload)).toBe(true)
    expect(asks()).toHaveLength(1)
  })

  test('one that it knows goes on; its new token counts, and it is asked once in a minute', async () => {
    let { refreshToken } = await connect(CHECKED)
    const seen: (string | null)[] = []
    way.provider.renew = (shown) => {
      seen.push(shown)
      return json({
        access_token: 'a',
        token_type: 'Bearer',
        refresh_token: `provider refresh ${seen.length + 1}`,
      })
    }
    for (const wait of [2 * MINUTE, 1_000, 2 * MINUTE]) {
      later(wait)
      const answer = await refresh(refreshToken)
      expect(answer.status).toBe(200)
      refreshToken = answer.json['refresh_token'] ?? ''
    }
    expect(seen).toEqual(['provider refresh 1', 'provider refresh 2'])
  })

  test.each([
    ['is down', () => Object.assign(way.provider, { down: true })],
    ['fails', () => Object.assign(way.provider, { renew: () => json({}, 500) })],
    [
      'does not know the gateway',
      () => Object.assign(way.provider, { renew: () => json({ error: 'invalid_client' }, 401) }),
    ],
    ['says nonsense', () => Object.assign(way.provider, { renew: () => ({ body: 'invalid_grant' }) })],
  ])('a provider that %s ends nothing', async (_what, spoil) => {
    const { refreshToken } = await connect(CHECKED)
    spoil()
    later(2 * MINUTE)
    const answer = await refresh(refreshToken)
    expect(answer.status).toBe(200)
    Object.assign(way.provider, { down: false, renew: () => json({ error: 'invalid_grant' }, 400) })
    later(2 * MINUTE)
    expect((await refresh(answer.json['refresh_token'] ?? '')).status).toBe(400)
  })

  test('is not asked unless the file says so, and what it gave is not kept', async () => {
    const { refreshToken } = await connect({})
    later(2 * MINUTE)
    expect((await refresh(refreshToken)).status).toBe(200)
    expect(asks()).toEqual([])
    const database = databaseOf(way.scene.engine.store)
    expect(database.prepare('SELECT * FROM provider_tokens').all()).toEqual([])
  })

  test('its token is sealed, of the last sign-in alone, and goes when the person is shut out', async () => {
    await connect(CHECKED)
    const { store } = way.scene.engine
    const kept = () => databaseOf(store).prepare('SELECT token FROM provider_tokens').all()
    expect(Buffer.from(kept()[0]?.['token'] as Uint8Array).includes('provider refresh')).toBe(false)
    const tokens = store.providerTokens
    later(2 * MINUTE)
    const was = await tokens.take(SUBJECT)
    expect([was?.token, await tokens.take(SUBJECT)]).toEqual(['provider refresh 1', undefined])
    await tokens.keep(SUBJECT, 'of another sign-in')
    if (was === undefined) throw new Error('no token')
    await tokens.replace(SUBJECT, was, 'too late')
    expect(await tokens.remove(SUBJECT, was)).toBe(false)
    later(2 * MINUTE)
    expect((await tokens.take(SUBJECT))?.token).toBe('of another sign-in')
    await way.scene.users.setDisabled(SUBJECT, true)
    expect(kept()).toEqual([])
  })
})

describe('reauthenticate_after', () => {
  test('after it tokens and refreshes are refused; signing in at the provider brings them back', async () => {
    const { refreshToken, accessToken } = await connect({ signIn: { reauthenticateAfterSeconds: 3_600 } })
    const payload = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    later(59 * MINUTE)
    const answer = await refresh(refreshToken)
    expect([answer.status, await way.scene.server.isRevoked(payload)]).toEqual([200, false])
    later(2 * MINUTE)
    const next = answer.json['refresh_token'] ?? ''
    expect(await refresh(next)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await way.scene.server.isRevoked(payload)).toBe(true)
    await agree()
    expect((await refresh(next)).status).toBe(200)
  })

  test('a browser that is signed in is sent to the sign-in page', async () => {
    await connect({ signIn: { reauthenticateAfterSeconds: 3_600 } })
    const agent = createAgent()
    await agree(agent)
    const asked = way.scene.authorizeUrl('app', { scope: 'notes:read', resource: RESOURCE })
    const ask = async () => (await agent.follow(await agent.get(asked))).body
    expect(await ask()).not.toContain('<h1>Sign in')
    later(61 * MINUTE)
    expect(await ask()).toContain('<h1>Sign in')
  })

  test('people with a password here are not concerned', async () => {
    await connect({ signIn: { reauthenticateAfterSeconds: 3_600 } })
    later(48 * 60 * MINUTE)
    expect(await way.scene.users.find('alice')).toBeDefined()
    const claims = { sub: 'alice', scope: 'notes:read', grant_id: 'g' }
    expect(await way.scene.server.isRevoked(claims)).toBe(false)
  })
})

describe('the file', () => {
  const withProvider = (more: string, scopes = '[openid]') =>
    file({
      issuers: 'home: { embedded: true }',
      trusts: '[home]',
      top: `authorization_server: { sign_in: { reauthenticate_after: 30d, providers: { corp: { issuer: "https://corp.example", client_id: x, scopes: ${scopes}, allow: { subjects: ["*"] }, ${more} } } } }`,
    })

  test('names both, and doubts a refresh token that ends with a session', async () => {
    way = await startWay(EVERYBODY)
    const text = withProvider('check_on_refresh: true', '[openid, offline_access]')
    const { signIn } = settingsOf(text).authorizationServer ?? {}
    expect(signIn?.reauthenticateAfterSeconds).toBe(30 * 86_400)
    expect(signIn?.providers.get('corp')?.checkOnRefresh).toBe(true)
    expectWarning(withProvider('check_on_refresh: true'), /without offline_access in scopes/)
    expectError(withProvider('check_on_refresh: 1'), /expected/)
  })
})
