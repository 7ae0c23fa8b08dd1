// Signing in through an outside provider over sockets, and every way that has gone wrong for others: mix-up, foreign
// state, replay, a captured link, answers that are not what they should be.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAgent } from '../support/agent.ts'
import { databaseOf } from '../support/database.ts'
import type { FakeProvider, Reply } from '../support/provider.ts'
import type { Scene } from '../support/scene.ts'
import { EVERYBODY, expectConsent, startWay, type Way } from '../support/way.ts'

let way: Way
let provider: FakeProvider
let scene: Scene
beforeEach(async () => {
  way = await startWay(EVERYBODY)
  provider = way.provider
  scene = way.scene
})
afterEach(() => way.close())

describe('an OpenID Connect provider', () => {
  test('signs a person in, who is then asked for consent, and is on record', async () => {
    expectConsent(await way.signIn())
    expect(await scene.users.find('fake:sub-1')).toMatchObject({
      provider: 'fake',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      emailVerified: true,
    })
    expect(scene.events.map(({ event, subject }) => [event, subject])).toEqual([['sign_in', 'fake:sub-1']])
  })

  test('A22, CDP-01: the page says which client asks before anything goes to the provider', async () => {
    const agent = createAgent()
    const page = await agent.follow(await agent.get(scene.authorizeUrl()))
    expect(page.body).toContain('Notes for Claude')
    expect(page.body).toContain(new URL(scene.callbackUrl).host)
    expect(page.body).toContain('openid, email')
    expect(provider.asked).toEqual([])
  })

  test('CDP-04, H3: no state before the button is pressed; then in this browser alone, until it came back', async () => {
    const agent = createAgent()
    const used = () =>
      databaseOf(scene.engine.store).prepare('SELECT count(*) AS n FROM single_use').get()?.['n']
    await agent.follow(await agent.get(scene.authorizeUrl()))
    expect(agent.cookies.has('portcullis-way')).toBe(false)
    const callback = await way.depart(agent)
    expect([agent.cookies.has('portcullis-way'), used()]).toEqual([true, 0])
    await agent.get(callback)
    expect([agent.cookies.has('portcullis-way'), used()]).toEqual([false, 1])
  })

  test('A19: an answer with the issuer of somebody else', async () => {
    provider.redirect = (callback) => {
      callback.searchParams.set('iss', 'https://evil.example.com')
      return callback
    }
    way.expectRefused(await way.signIn())
    expect(provider.asked).not.toContain('/token')
  })

  test('A19: an answer without an issuer, from a provider that says it sends one', async () => {
    provider.redirect = (callback) => {
      callback.searchParams.delete('iss')
      return callback
    }
    way.expectRefused(await way.signIn())
    expect(provider.asked).not.toContain('/token')
  })

  test.each([
    ['absent', (callback: URL) => callback.searchParams.delete('state')],
    ['another', (callback: URL) => callback.searchParams.set('state', 'x'.repeat(43))],
    ['twice', (callback: URL) => callback.searchParams.append('state', 'y')],
  ])('A20: state %s', async (_name, change) => {
    provider.redirect = (callback) => {
      change(callback)
      return callback
    }
    way.expectRefused(await way.signIn())
    expect(provider.asked).not.toContain('/token')
  })

  test('A20: the same answer a second time, in the same browser with the same cookie', async () => {
    const agent = createAgent()
    const callback = await way.depart(agent)
    const cookies = new Map(agent.cookies)
    expectConsent(await agent.follow(await agent.get(callback)))
    for (const [name, value] of cookies) agent.cookies.set(name, value)
    way.expectRefused(await agent.get(callback))
  })

  test('A20: after ten minutes', async () => {
    const agent = createAgent()
    const callback = await way.depart(agent)
    scene.clock.now += 10 * 60_000
    way.expectRefused(await agent.get(callback))
  })

  test('A21: a captured link to the provider, opened in the browser of a victim', async () => {
    const attacker = createAgent()
    const callback = await way.depart(attacker)
    way.expectRefused(await createAgent().get(callback))
    expect(provider.asked).not.toContain('/token')
  })

  test('A21: the victim began a sign-in too: its cookie does not fit the state of another', async () => {
    const callback = await way.depart(createAgent())
    const victim = createAgent()
    await way.depart(victim)
    way.expectRefused(await victim.get(callback))
  })

  test('a code that was redeemed before', async () => {
    const agent = createAgent()
    const callback = new URL(await way.depart(agent))
    const other = new URL(await way.depart(createAgent()))
    callback.searchParams.set('code', other.searchParams.get('code') ?? '')
    way.expectRefused(await agent.get(callback.href))
  })

  test.each([
    ['nonce', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['issuer', { iss: 'https://evil.example.com' }],
    ['audience', { aud: 'another-client' }],
    ['expired', { exp: 1 }],
  ])('an ID token with a wrong claim: %s', async (_name, claims) => {
    provider.idToken = claims
    way.expectRefused(await way.signIn())
  })

  const faults: [string, Record<string, unknown> | Reply][] = [
    ['401', { status: 401, body: '{}' }],
    ['500', { status: 500, body: '{}' }],
    ['HTML', { type: 'text/html', body: '<html>{}</html>' }],
    ['not JSON', { body: '{' }],
    ['another subject', { sub: 'sub-2' }],
    ['no subject', { name: 'nobody' }],
    ['an empty subject', { sub: '' }],
    ['a redirect', { status: 302, body: '' }],
  ]
  test.each(faults)('G11: userinfo answers %s', async (_name, userinfo) => {
    provider.userinfo = userinfo
    way.expectRefused(await way.signIn())
    expect((await scene.users.list()).map(({ subject }) => subject)).toEqual(['alice'])
  })

  test('A54: the answers to the callback keep its code to themselves', async () => {
    const agent = createAgent()
    const callback = await way.depart(agent)
    for (const answer of [await createAgent().get(callback), await agent.get(callback)]) {
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.body).not.toContain(new URL(callback).searchParams.get('code'))
      expect(answer.body).not.toMatch(/(?:src|href)="https?:/)
    }
  })

  test('G3: what the provider says of an error is not shown', async () => {
    provider.redirect = (callback) => {
      callback.searchParams.delete('code')
      callback.searchParams.set('error', 'access_denied')
      callback.searchParams.set('error_description', '<b>call 555-0100</b>')
      return callback
    }
    const refused = await way.signIn()
    way.expectRefused(refused)
    expect(refused.body).not.toContain('555')
  })

  test('a provider that is down: said on the page, and the page still works', async () => {
    provider.down = true
    const agent = createAgent()
    const page = await agent.follow(await agent.get(scene.authorizeUrl()))
    const answer = await agent.press(page, 'provider', 'fake', { with: 'provider' })
    expect(answer.status).toBe(502)
    expect(answer.body).toContain('does not answer as it should')
    provider.down = false
    expect((await agent.press(answer, 'provider', 'fake', { with: 'provider' })).status).toBe(303)
  })

  test('G12: nothing that the provider issued is kept', async () => {
    expectConsent(await way.signIn())
    const database = databaseOf(scene.engine.store)
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    const dump = tables
      .map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM ${name}`).all()))
      .join()
    expect(dump).toContain('fake:sub-1')
    expect(provider.tokens.length).toBe(1)
    for (const token of provider.tokens) expect(dump).not.toContain(token)
  })

  test('a person whom the operator disabled', async () => {
    expectConsent(await way.signIn())
    await scene.users.setDisabled('fake:sub-1', true)
    way.expectRefused(await way.signIn())
  })
})
