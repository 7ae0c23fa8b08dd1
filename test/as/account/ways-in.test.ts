// The ways in that a person has, of which the last one stays, and those that the file offers.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuthorizationServerSettings } from '../../../src/core/settings-as.ts'
import type { Agent } from '../support/agent.ts'
import { PASSWORD, type Scene, SETTINGS, startScene } from '../support/scene.ts'
import { createSoftPasskey } from '../support/soft-passkey.ts'
import { PASSKEYS, passkeySteps, sendForm } from './passkey-steps.ts'
import { agentOf, PUBLIC } from './steps.ts'

let scene: Scene
const open = (settings: Partial<AuthorizationServerSettings> = {}, publicUrl = PUBLIC) =>
  startScene({ publicUrl, settings })
beforeEach(async () => {
  scene = await open()
})
afterEach(() => scene.close())
const { enter, add, kept, eventsOf, withPasskey, signInWith } = passkeySteps(() => scene)

describe('the last way in', () => {
  const remove = async (agent: Agent, id: string) =>
    sendForm(agent, await agent.get(PASSKEYS), '/account/passkeys/remove', { passkey: id })

  test('a passkey goes while there is a password, and signs in no more', async () => {
    const { agent, passkey } = await withPasskey()
    const done = await agent.follow(await remove(agent, passkey.id))
    expect(done.body).toContain('The passkey is removed.')
    expect(eventsOf('passkey_removed')).toMatchObject([{ actor: 'alice' }])
    expect((await signInWith(passkey)).answer.status).toBe(401)
  })

  test('PK-07: without a password the last passkey stays, also against a form from before', async () => {
    const { agent, passkey } = await withPasskey()
    const before = await agent.get(PASSKEYS)
    const done = await agent.follow(await sendForm(agent, before, '/account/passkeys/remove-password'))
    expect(done.body).toContain('The password is removed.')
    expect(done.body).toContain('This is your only way to sign in')
    const refused = await sendForm(agent, before, '/account/passkeys/remove', { passkey: passkey.id })
    expect([refused.status, (await kept()).length]).toEqual([400, 1])
    expect((await signInWith(passkey)).answer.status).toBe(303)
    await add(agent, createSoftPasskey(PUBLIC))
    expect((await remove(agent, passkey.id)).status).toBe(303)
  })

  test('PK-07: without a passkey the password stays, and one of another domain is no way in', async () => {
    const { agent, passkey } = await withPasskey()
    const before = await agent.get(PASSKEYS)
    await remove(agent, passkey.id)
    await scene.engine.store.passkeys.add({
      ...{ id: 'elsewhere', subject: 'alice', rpId: 'old.example', userHandle: 'aGFuZGxl', counter: 0 },
      ...{ publicKey: new Uint8Array([1]), transports: [], name: 'Old', isSynced: false },
    })
    const refused = await sendForm(agent, before, '/account/passkeys/remove-password')
    expect([refused.status, await scene.users.passwordOf('alice')]).toEqual([400, expect.any(String)])
  })

  test('two that are removed at once: one stays', async () => {
    const { agent, passkey } = await withPasskey()
    const other = createSoftPasskey(PUBLIC)
    await add(agent, other)
    await sendForm(agent, await agent.get(PASSKEYS), '/account/passkeys/remove-password')
    const answers = await Promise.all([remove(agent, passkey.id), remove(agent, other.id)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400])
    expect(await kept()).toHaveLength(1)
  })

  test('nobody removes a passkey of somebody else', async () => {
    const { passkey } = await withPasskey()
    await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
    const mallory = await enter('mallory')
    await add(mallory, createSoftPasskey(PUBLIC))
    await remove(mallory, passkey.id)
    expect(await kept()).toHaveLength(1)
    expect(eventsOf('passkey_removed')).toEqual([])
  })

  test('whoever has only passkeys sets a password within five minutes of a sign-in', async () => {
    const { agent } = await withPasskey()
    await sendForm(agent, await agent.get(PASSKEYS), '/account/passkeys/remove-password')
    const page = await agent.get(`${PUBLIC}/account/password`)
    expect(page.body).not.toContain('name="current"')
    const fields = { new: 'a quite different phrase', repeated: 'a quite different phrase' }
    scene.clock.now += 300_000
    const late = await sendForm(agent, page, '/account/password/change', fields)
    expect(late.body).toContain('action="/account/password/sign-in"')
    expect(await scene.users.passwordOf('alice')).toBeUndefined()
    scene.clock.now -= 1_000
    expect((await sendForm(agent, page, '/account/password/change', fields)).status).toBe(303)
    expect(await scene.users.passwordOf('alice')).toMatch(/^\$argon2id\$/)
  })
})

describe('the file', () => {
  test.each([
    ['passkeys: false', { signIn: { ...SETTINGS.signIn, passkeys: false } }, PUBLIC],
    ['an IP address', {}, 'https://192.0.2.1'],
    ['an IPv6 address', {}, 'https://[2001:db8::1]'],
    ['providers alone', { signIn: { ...SETTINGS.signIn, passwords: false } }, PUBLIC],
  ])(
    'with %s nothing speaks of passkeys, no script is sent, and no form is taken',
    async (_name, settings, at) => {
      const other = await open(settings, at)
      const agent = agentOf(other)
      const page = await fetch(`${other.listening}/account`)
      const body = await page.text()
      expect(body).not.toMatch(/passkey|<script/i)
      expect(page.headers.get('content-security-policy')).not.toContain('script-src')
      expect(page.headers.get('permissions-policy')).toContain(
        'publickey-credentials-create=(), publickey-credentials-get=()',
      )
      const csrf = /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''
      const cookie = page.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; ')
      if (csrf !== '') {
        const sent = await fetch(`${other.listening}/account/sign-in`, {
          method: 'POST',
          headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ csrf, with: 'passkey', passkey: '{}' }).toString(),
        })
        expect([sent.status, (await sent.text()).includes('not offered here')]).toEqual([400, true])
      }
      expect((await agent.get(`${other.listening}/account/passkeys`)).body).not.toContain('data-passkey')
      await other.close()
    },
  )

  test('passwords: false, passkeys: true: a passkey is the only way, and a person with one may stay', async () => {
    const { passkey } = await withPasskey()
    const stored = await kept()
    const hash = (await scene.users.passwordOf('alice')) ?? ''
    await scene.close()
    scene = await open({ signIn: { ...SETTINGS.signIn, passwords: false, passkeys: true } })
    for (const one of stored) await scene.engine.store.passkeys.add(one)
    await scene.users.setPassword('alice', hash)
    const agent = agentOf(scene)
    const page = await agent.get(`${PUBLIC}/account`)
    expect(page.body).not.toContain('type="password"')
    expect(page.body).toContain('A passkey needs JavaScript')
    const { agent: entered, answer } = await signInWith(passkey)
    expect((await entered.follow(answer)).body).toContain('<h1>Your account</h1>')
    expect((await entered.get(PASSKEYS)).body).toContain('This is your only way to sign in')
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const typed = { csrf, with: 'password', name: 'alice', password: PASSWORD }
    expect((await agent.post(`${PUBLIC}/account/sign-in`, typed)).status).toBe(400)
  })

  test('a page with a form for passkeys lets its own script run, and this browser speak to passkeys; no other does', async () => {
    const agent = await enter()
    const page = await agent.get(PASSKEYS)
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; img-src data:; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    )
    expect(page.headers.get('permissions-policy')).toContain(
      'publickey-credentials-create=(self), publickey-credentials-get=(self)',
    )
    const account = await agent.get(`${PUBLIC}/account`)
    expect(account.headers.get('content-security-policy')).not.toContain('script-src')
    expect(account.headers.get('permissions-policy')).toContain('publickey-credentials-create=()')
  })
})
