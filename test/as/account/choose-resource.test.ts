// Two servers behind one authorization server, and a client that does not say which one it means.
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UNCHOSEN } from '../../../src/as/engine/resources.ts'
import { createPasswords } from '../../../src/as/sign-in/passwords.ts'
import type { Agent, Answer } from '../support/agent.ts'
import { clientOf, PASSWORD, routeOf, type Scene, startScene } from '../support/scene.ts'
import { agentOf, allow, leaveWith, openSignIn, PUBLIC, SITE, siteUrl } from './steps.ts'

const [NOTES, FILES] = [`${PUBLIC}/notes/mcp`, `${PUBLIC}/files/mcp`]
const WHO = { domains: [], groups: [], providers: [] }

let scene: Scene
beforeAll(async () => {
  scene = await startScene({
    publicUrl: PUBLIC,
    clients: [
      { ...clientOf('site', 'A site', SITE), grant_types: ['authorization_code', 'refresh_token'] },
      { ...clientOf('web', 'A site of the web', SITE), application_type: 'web' },
      { ...clientOf('device', 'A device', SITE), grant_types: [DEVICE] },
    ],
    routes: [
      routeOf(NOTES, ['use', 'notes:read', 'notes:write']),
      routeOf(FILES, ['files:list', 'use', 'files:read']),
    ],
    settings: {
      grants: [
        { who: { ...WHO, subjects: ['alice'] }, scopes: ['use', 'notes:read', 'files:list', 'files:read'] },
        { who: { ...WHO, subjects: ['bob'] }, scopes: ['files:list'] },
      ],
    },
  })
  await scene.users.add('bob', (await createPasswords().hash(PASSWORD)) ?? '')
})
afterAll(() => scene.close())

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

async function signIn(scope: string | undefined, name = 'alice'): Promise<readonly [Agent, Answer]> {
  const agent = agentOf(scene)
  const url = new URL(siteUrl(scene))
  if (scope === undefined) url.searchParams.delete('scope')
  else url.searchParams.set('scope', scope)
  const page = await openSignIn(agent, url.href)
  const signedIn = await agent.press(page, 'with', 'password', { name, password: PASSWORD })
  return [agent, await agent.follow(signedIn)]
}

async function ask(path: string, fields: Record<string, string>): Promise<Record<string, unknown>> {
  const answer = await fetch(`${scene.listening}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'site', ...fields }),
  })
  return (await answer.json()) as Record<string, unknown>
}

const redeem = (back: URL, more: Record<string, string> = {}) =>
  ask('/token', {
    ...{ grant_type: 'authorization_code', redirect_uri: SITE, code_verifier: 'v'.repeat(43) },
    ...{ code: back.searchParams.get('code') ?? '', ...more },
  })

async function choose([agent, page]: readonly [Agent, Answer], resource = FILES): Promise<Answer> {
  return await agent.follow(await agent.press(page, 'resource', resource))
}

describe('without a resource', () => {
  test.each([
    ['scopes that both know', 'use', 'use'],
    ['no scope', undefined, 'files:list'],
    ['scopes that none knows', 'other', 'files:list'],
    ['scopes of both, which none knows together', 'notes:read files:read', 'files:read'],
  ])('%s: the person chooses, and sees what it is about', async (_what, asked, granted) => {
    const [agent, page] = await signIn(asked)
    expect(page.body).toContain('Which server is A site for?')
    const consent = await choose([agent, page])
    expect(consent.body).toContain('mcp.example.com/files/mcp')
    const tokens = await redeem(await allow(agent, consent))
    expect(decodeJwt(String(tokens['access_token']))).toMatchObject({ aud: FILES, scope: granted })
    expect(tokens['scope']).toBe(granted)
    const refreshToken = String(tokens['refresh_token'])
    const renewed = await ask('/token', { grant_type: 'refresh_token', refresh_token: refreshToken })
    expect(decodeJwt(String(renewed['access_token'])).aud).toBe(FILES)
  })

  test('scopes that one server knows: it is that one, and the page says so', async () => {
    const [agent, page] = await signIn('use files:read')
    expect(page.body).toContain('mcp.example.com/files/mcp')
    const tokens = await redeem(await allow(agent, page), { resource: FILES })
    expect(decodeJwt(String(tokens['access_token']))).toMatchObject({ aud: FILES, scope: 'use files:read' })
  })

  test('a server of which the person may have nothing is no choice', async () => {
    const [, page] = await signIn(undefined, 'bob')
    expect(page.body).toContain(`value="${FILES}"`)
    expect(page.body).not.toContain(NOTES)
  })

  test('another account: the choice comes again', async () => {
    const [agent, page] = await signIn('use')
    const consent = await choose([agent, page])
    const again = await agent.follow(await agent.press(consent, 'answer', 'another'))
    expect(again.body).toContain('type="password"')
  })
})

describe('A76: no way around the choice', () => {
  test('the token request names another server, or none of ours', async () => {
    for (const resource of [NOTES, UNCHOSEN, 'https://other.example/mcp']) {
      const [agent, page] = await signIn('use')
      const back = await allow(agent, await choose([agent, page]))
      expect((await redeem(back, { resource }))['error']).toBe('invalid_target')
    }
  })

  test('consent before a choice, a choice that is none, a form of somewhere else', async () => {
    const [agent, page] = await signIn('use')
    const consent = page.url.replace(/\/?$/, '/consent')
    expect((await agent.post(consent, { answer: 'allow' })).status).toBe(400)
    const none = await choose([agent, page], FILES).catch(() => undefined)
    expect(none?.body).toContain('mcp.example.com/files/mcp')
    const [other, shown] = await signIn('use')
    const again = await other.follow(await other.press(shown, 'resource', FILES, { resource: UNCHOSEN }))
    expect(again.body).toContain('Which server is A site for?')
    const forged = await other.post(`${shown.url}/choose`, { resource: FILES })
    expect(forged.status).toBe(403)
  })

  test('prompt=none is told that a person is needed', async () => {
    const [agent, page] = await signIn('use')
    await choose([agent, page])
    const silent = await agent.get(siteUrl(scene, 'web', { scope: 'use', prompt: 'none' }))
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('consent_required')
  })

  test('a device names its server, or its scopes do', async () => {
    const start = (more: Record<string, string>) =>
      ask('/device_authorization', { client_id: 'device', ...more })
    expect((await start({ scope: 'use' }))['error']).toBe('invalid_target')
    expect((await start({ scope: 'use', resource: UNCHOSEN }))['error']).toBe('invalid_target')
    expect(await start({ scope: 'files:read' })).toHaveProperty('device_code')
  })

  test('the name that stands for no choice yet is in no token, also where a client sends it', async () => {
    const agent = agentOf(scene)
    const page = await openSignIn(agent, siteUrl(scene, 'site', { scope: 'use', resource: UNCHOSEN }))
    const signedIn = await agent.press(page, 'with', 'password', { name: 'alice', password: PASSWORD })
    const shown = await agent.follow(signedIn)
    expect(shown.body).toContain('Which server is A site for?')
    const back = await leaveWith(agent, await agent.press(await choose([agent, shown]), 'answer', 'allow'))
    expect(decodeJwt(String((await redeem(back))['access_token'])).aud).toBe(FILES)
  })
})
