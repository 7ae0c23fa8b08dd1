// Passkeys over the socket: one is made and signs in, and whatever is not as it should be changes nothing and tells nothing. The
// responses are those of soft-passkey.ts, read by @simplewebauthn/server 14.0.3.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientOf, PASSWORD, type Scene, startScene } from '../support/scene.ts'
import { type Changes, createSoftPasskey, type SoftPasskey } from '../support/soft-passkey.ts'
import { optionsOf, PASSKEYS, passkeySteps, sendForm } from './passkey-steps.ts'
import { agentOf, openSignIn, PUBLIC, SITE, siteUrl } from './steps.ts'

let scene: Scene
beforeEach(async () => {
  const clients = [{ ...clientOf('site', 'A site', SITE), application_type: 'web' as const }]
  scene = await startScene({ publicUrl: PUBLIC, clients })
})
afterEach(() => scene.close())
const { enter, add, kept, eventsOf, withPasskey, signInWith } = passkeySteps(() => scene)

describe('a passkey is made', () => {
  test('PK-01, PK-02: resident, verified, without attestation, for the host of public_url, with a challenge of its own', async () => {
    const agent = await enter()
    const [one, other] = [await agent.get(PASSKEYS), await agent.get(PASSKEYS)].map((page) =>
      JSON.parse(optionsOf(page)),
    )
    expect(one).toMatchObject({
      rp: { id: 'mcp.example.com' },
      user: { name: 'alice' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [],
    })
    expect(Buffer.from(one.challenge, 'base64url').length).toBeGreaterThanOrEqual(16)
    expect(one.challenge).not.toBe(other.challenge)
    expect(one.user.id).not.toContain('alice')
  })

  test('and stands in the list with its name, which is text, and in the audit', async () => {
    const agent = await enter()
    await add(agent, createSoftPasskey(PUBLIC), {}, '<b>key</b>\u202e')
    const { body } = await agent.get(PASSKEYS)
    expect(body).toContain('<strong>&lt;b&gt;key&lt;/b&gt;</strong>')
    expect(await kept()).toMatchObject([
      { rpId: 'mcp.example.com', counter: 0, transports: ['internal', 'hybrid'], isSynced: true },
    ])
    expect(eventsOf('passkey_added')).toMatchObject([{ actor: 'alice', subject: 'alice' }])
    expect(JSON.parse(optionsOf(await agent.get(PASSKEYS))).excludeCredentials).toHaveLength(1)
  })

  const certificate = new Map([['x5c', [Buffer.from('3003', 'hex')]]])
  test.each<[string, Changes]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['a subdomain', { origin: 'https://a.mcp.example.com' }],
    ['plain http', { origin: 'http://mcp.example.com' }],
    ['another RP ID', { rpId: 'example.com' }],
    ['no user verification', { isVerified: false }],
    ['nobody present', { isPresent: false }],
    ['a challenge of its own', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['the kind of a sign-in', { type: 'webauthn.get' }],
    ['a frame', { crossOrigin: true }],
    ['a certificate that the library would take', { isCertified: true }],
    ['a certificate in another format', { format: 'packed', statement: certificate }],
    ['an attestation that asks elsewhere', { format: 'android-safetynet' }],
    ['an attestation nobody knows', { format: 'x' }],
  ])('PK-01, PK-03, PK-06: not with %s', async (_name, changes) => {
    const answer = await add(await enter(), createSoftPasskey(PUBLIC), changes)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('No passkey was made.')
    expect(await kept()).toEqual([])
    expect(eventsOf('passkey_added')).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no response', '{"id":"AAAA"}'],
    ['client data that is none', '{"id":"AAAA","response":{"clientDataJSON":"bm90anNvbg"}}'],
    ['client data of null', '{"id":"AAAA","response":{"clientDataJSON":"bnVsbA"}}'],
    ['60,000 characters', `{"id":"${'A'.repeat(60_000)}"}`],
    ['CBOR of 12,000 levels', deepCbor()],
  ])('not of %s', async (_name, passkey) => {
    const agent = await enter()
    const answer = await sendForm(agent, await agent.get(PASSKEYS), '/account/passkeys/add', {
      ...{ name: 'key', passkey },
    })
    expect(answer.status).toBe(400)
    expect(await kept()).toEqual([])
  })

  function deepCbor(): string {
    const clientDataJSON = Buffer.from('{"type":"webauthn.create","challenge":"a"}').toString('base64url')
    const attestationObject = Buffer.alloc(9_000, 0x81).toString('base64url')
    return JSON.stringify({
      ...{ id: 'AAAA', rawId: 'AAAA', type: 'public-key' },
      response: { clientDataJSON, attestationObject },
    })
  }

  test('PK-02: not twice with one challenge, in one browser or from another one', async () => {
    const agent = await enter()
    const page = await agent.get(PASSKEYS)
    const [one, other] = [createSoftPasskey(PUBLIC), createSoftPasskey(PUBLIC)]
    const sendWith = (passkey: SoftPasskey, by = agent, from = page) =>
      sendForm(by, from, '/account/passkeys/add', { name: 'key', passkey: passkey.create(optionsOf(page)) })
    expect((await sendWith(one)).status).toBe(303)
    expect((await sendWith(other)).status).toBe(400)
    const elsewhere = await enter()
    const challenge = await agent.get(PASSKEYS)
    const stolen = createSoftPasskey(PUBLIC).create(optionsOf(challenge))
    const own = await elsewhere.get(PASSKEYS)
    const answer = await sendForm(elsewhere, own, '/account/passkeys/add', { name: 'key', passkey: stolen })
    expect(answer.status).toBe(400)
    expect(await kept()).toHaveLength(1)
  })

  test('PK-02, PK-07: not after ten minutes, nor with a sign-in of more than five minutes ago', async () => {
    const agent = await enter()
    const page = await agent.get(PASSKEYS)
    const fields = { name: 'key', passkey: createSoftPasskey(PUBLIC).create(optionsOf(page)) }
    scene.clock.now += 300_000
    const late = await sendForm(agent, page, '/account/passkeys/add', fields)
    expect(late.body).toContain('action="/account/passkeys/sign-in"')
    scene.clock.now += 300_000
    const again = await openSignIn(agent, PASSKEYS)
    await agent.press(again, 'with', 'password', { name: 'alice', password: PASSWORD })
    expect((await sendForm(agent, page, '/account/passkeys/add', fields)).status).toBe(400)
    expect(await kept()).toEqual([])
  })

  test('not when somebody has it already, nor a twenty-first', async () => {
    const { passkey } = await withPasskey()
    await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
    const mallory = await enter('mallory')
    const answer = await add(mallory, passkey)
    expect([answer.status, answer.body.includes('This passkey is here already.')]).toEqual([400, true])
    const agent = await enter()
    const page = await agent.get(PASSKEYS)
    for (let made = 1; made < 20; made++) await add(agent, createSoftPasskey(PUBLIC))
    const passkeyMade = createSoftPasskey(PUBLIC).create(optionsOf(page))
    const last = await sendForm(agent, page, '/account/passkeys/add', { name: 'key', passkey: passkeyMade })
    expect([last.status, (await kept()).length]).toEqual([400, 20])
    expect((await agent.get(PASSKEYS)).body).not.toContain('data-passkey')
  })
})

describe('a passkey signs in', () => {
  test('its person, with nothing typed, and what is kept of it moves on', async () => {
    const { passkey } = await withPasskey()
    const { agent, answer } = await signInWith(passkey, { counter: 5 })
    expect(answer.status).toBe(303)
    expect((await agent.follow(answer)).body).toContain('<strong>alice</strong>')
    expect(eventsOf('sign_in').at(-1)).toMatchObject({ subject: 'alice', detail: 'passkey' })
    expect(await kept()).toMatchObject([{ counter: 5, usedAt: scene.clock.now }])
  })

  test('for a client, to its consent page', async () => {
    const { passkey } = await withPasskey()
    const agent = agentOf(scene)
    const page = await openSignIn(agent, siteUrl(scene))
    const action = /action="(\/interaction\/[^"]+\/sign-in)" data-passkey/.exec(page.body)?.[1] ?? ''
    const fields = { with: 'passkey', passkey: passkey.get(optionsOf(page)) }
    const consent = await agent.follow(await sendForm(agent, page, action, fields))
    expect(consent.body).toContain('name="answer" value="allow"')
  })

  test.each<[string, Changes]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another RP ID', { rpId: 'evil.example' }],
    ['no user verification', { isVerified: false }],
    ['nobody present', { isPresent: false }],
    ['the kind of a registration', { type: 'webauthn.create' }],
    ['a challenge of its own', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['a frame', { crossOrigin: true }],
    ['another user handle', { userHandle: Buffer.alloc(32, 1).toString('base64url') }],
    ['no user handle', { userHandle: '' }],
    ['an id that nobody has', { id: Buffer.alloc(32, 9).toString('base64url') }],
  ])('PK-01, PK-03, PK-04: not with %s', async (_name, changes) => {
    const { passkey } = await withPasskey()
    const { agent, answer } = await signInWith(passkey, changes)
    expect(answer.status).toBe(401)
    expect(answer.body).toContain('You could not be signed in with a passkey.')
    expect(agent.cookies.has('__Host-portcullis-signed-in')).toBe(false)
    expect(eventsOf('sign_in_refused').at(-1)).toMatchObject({ actor: 'unknown', detail: 'passkey' })
    expect((await signInWith(passkey)).answer.status).toBe(303)
  })

  test('PK-04: not under the id of another person: the key is another one', async () => {
    const { passkey } = await withPasskey()
    await scene.users.add('mallory', (await scene.users.passwordOf('alice')) ?? '')
    const own = createSoftPasskey(PUBLIC)
    await add(await enter('mallory'), own)
    const [alice] = await kept()
    const stolen = { id: passkey.id, userHandle: alice?.userHandle ?? '' }
    expect((await signInWith(own, stolen)).answer.status).toBe(401)
    expect((await signInWith(own)).answer.status).toBe(303)
  })

  test('PK-02: not when it is said again, here, in another browser, or after its form', async () => {
    const { passkey } = await withPasskey()
    const agent = agentOf(scene)
    const page = await agent.get(`${PUBLIC}/account`)
    const fields = { with: 'passkey', passkey: passkey.get(optionsOf(page)) }
    const other = agentOf(scene)
    const theirs = await other.get(`${PUBLIC}/account`)
    expect((await sendForm(other, theirs, '/account/sign-in', fields)).status).toBe(401)
    expect((await sendForm(agent, page, '/account/sign-in', fields)).status).toBe(303)
    expect((await sendForm(agent, page, '/account/sign-in', fields)).status).toBe(401)
    const late = await agentOf(scene).get(`${PUBLIC}/account`)
    scene.clock.now += 600_000
    const tooLate = { with: 'passkey', passkey: passkey.get(optionsOf(late)) }
    expect((await sendForm(agent, page, '/account/sign-in', tooLate)).status).toBe(401)
  })

  test('PK-05: not with a count that does not grow, which a copy would show', async () => {
    const { passkey } = await withPasskey()
    expect((await signInWith(passkey, { counter: 7 })).answer.status).toBe(303)
    for (const counter of [7, 6, 0]) expect((await signInWith(passkey, { counter })).answer.status).toBe(401)
    expect((await signInWith(passkey, { counter: 8 })).answer.status).toBe(303)
  })

  test('not somebody who is disabled', async () => {
    const { passkey } = await withPasskey()
    await scene.users.setDisabled('alice', true)
    expect((await signInWith(passkey)).answer.status).toBe(401)
  })

  test('G13: one network may try it 300 times in a quarter of an hour, and another one goes on', async () => {
    const { passkey } = await withPasskey()
    const agent = agentOf(scene)
    const page = await agent.get(`${PUBLIC}/account`)
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const statuses: number[] = []
    for (let tries = 0; tries < 301; tries++)
      statuses.push(
        (await agent.post(`${PUBLIC}/account/sign-in`, { csrf, with: 'passkey', passkey: '{}' })).status,
      )
    expect([statuses.at(0), statuses.at(299), statuses.at(300)]).toEqual([401, 401, 429])
    const fields = { csrf, with: 'passkey', passkey: passkey.get(optionsOf(page)) }
    const elsewhere = { 'x-test-address': '198.51.100.9' }
    expect((await agent.post(`${PUBLIC}/account/sign-in`, fields, elsewhere)).status).toBe(303)
  })
})
