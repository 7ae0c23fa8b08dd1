// The authorization endpoint: redirect addresses, PKCE, scopes, resources, and what comes back to the client.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Answer,
  ask,
  authorize,
  createScene,
  pkce,
  REDIRECT,
  redeem,
  register,
  type Scene,
} from './scene.ts'
import type { Script } from './scripted-people.ts'

let scene: Scene
let clientId: string
const asked: NonNullable<Script['asked']> = []
beforeAll(async () => {
  scene = await createScene({ script: { asked } })
  clientId = String((await register(scene)).json['client_id'])
})
beforeEach(() => {
  asked.length = 0
  scene.script.answer = 'approve'
  delete (scene.script as { allowed?: unknown }).allowed
})
afterAll(() => scene.stop())

const { verifier, challenge } = pkce()

function usual(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const params = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return Object.fromEntries(
    Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}

function first(query: string | Readonly<Record<string, string>>): Promise<Answer> {
  return ask(`${scene.origin}/authorize?${new URLSearchParams(query)}`)
}

/** Told on a page, and no redirect to anywhere. */
function expectPage(answer: Answer): void {
  expect(answer.status).toBe(400)
  expect(answer.headers.get('location')).toBeNull()
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
}

/** Told to the client, with iss (RFC 9207). */
async function expectTold(params: Readonly<Record<string, string>>, error: string): Promise<void> {
  const { params: back } = await authorize(scene, params)
  expect([back.get('error'), back.get('iss')]).toEqual([error, scene.origin])
}

describe('A01: redirect addresses are exact', () => {
  let app: string
  beforeAll(async () => {
    const uris = ['https://c.example/cb', 'https://c.example/other?tenant=a']
    app = String((await register(scene, { redirect_uris: uris })).json['client_id'])
  })

  test.each([
    'https://c.example/cb/',
    'https://c.example/cb?x=1',
    'https://c.example/cb/../x',
    'https://c.example/CB',
    'https://c.example/%63b',
    'https://c.example:443/cb',
    'http://c.example/cb',
    'https://c.example@evil.example/cb',
    'https://evil.example#https://c.example/cb',
    'https://c.example.evil.example/cb',
    'javascript:alert(1)',
    '//evil.example',
    'myapp://cb',
    '\tjavascript:alert(1)',
  ])('A01, A03: %s', async (uri) => {
    expectPage(await first(usual({ client_id: app, redirect_uri: uri })))
  })

  test('A04: omitted with two registered', async () => {
    expectPage(await first(usual({ client_id: app, redirect_uri: undefined })))
  })

  test('A04: given twice', async () => {
    const query = new URLSearchParams(usual({ client_id: app, redirect_uri: 'https://c.example/cb' }))
    query.append('redirect_uri', 'https://c.example/cb')
    expectPage(await ask(`${scene.origin}/authorize?${query}`))
  })

  test('H6: a query of its own is kept', async () => {
    const uri = 'https://c.example/other?tenant=a'
    const { params } = await authorize(scene, usual({ client_id: app, redirect_uri: uri }))
    expect(params.get('tenant')).toBe('a')
    expect(params.get('code')).toMatch(/^[\w-]{43}$/)
  })

  test('A03, AS-03: no error is sent to an address that was not checked', async () => {
    expectPage(await first(usual({ client_id: app, redirect_uri: 'https://evil.example/', scope: '\u0000' })))
    expectPage(await first(usual({ client_id: 'nobody', redirect_uri: 'https://evil.example/' }))) // A05
  })
})

describe('A02, AS-02: loopback ports vary, and nothing else', () => {
  let native: string
  beforeAll(async () => {
    const uris = ['http://127.0.0.1:1111/cb', 'http://localhost/callback', 'http://[::1]:1111/cb']
    native = String((await register(scene, { redirect_uris: uris })).json['client_id'])
  })

  test.each([
    'http://127.0.0.1:2222/cb',
    'http://127.0.0.1/cb',
    'http://localhost:51234/callback',
    'http://[::1]:2222/cb',
  ])('%s goes', async (uri) => {
    const { params } = await authorize(scene, usual({ client_id: native, redirect_uri: uri }))
    expect(params.has('code')).toBe(true)
  })

  test.each([
    'http://localhost:1111/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.1:2222/other',
    'https://127.0.0.1:2222/cb',
  ])('%s does not', async (uri) => {
    expectPage(await first(usual({ client_id: native, redirect_uri: uri })))
  })

  test('AS-02: the token request repeats the exact one', async () => {
    const uri = 'http://127.0.0.1:2222/cb'
    const { params } = await authorize(scene, usual({ client_id: native, redirect_uri: uri }))
    const code = params.get('code') ?? ''
    const other = await redeem(scene, {
      clientId: native,
      code,
      verifier,
      redirect_uri: 'http://127.0.0.1:3333/cb',
    })
    expect(other.json['error']).toBe('invalid_grant')
  })
})

describe('A07, A08, A09, H5: PKCE', () => {
  test('A07: missing, of a public client', () =>
    expectTold(usual({ code_challenge: undefined, code_challenge_method: undefined }), 'invalid_request'))

  test('AS-01: missing, of a confidential client', async () => {
    const app = await register(scene, { token_endpoint_auth_method: 'client_secret_basic' })
    const params = usual({
      client_id: String(app.json['client_id']),
      code_challenge: undefined,
      code_challenge_method: undefined,
    })
    await expectTold(params, 'invalid_request')
  })

  test.each([['plain'], [undefined], ['S256 '], ['s256']])('A08: method %s', (method) =>
    expectTold(usual({ code_challenge_method: method }), 'invalid_request'),
  )

  test.each([
    ['absent', undefined],
    ['empty', ''],
    ['42 characters', 'a'.repeat(42)],
    ['129 characters', 'a'.repeat(129)],
    ['strange characters', `${'a'.repeat(42)}!`],
    ['another one', 'a'.repeat(43)],
  ])('A08, A09: a verifier that is %s', async (_what, sent) => {
    const { params } = await authorize(scene, usual())
    const answer = await redeem(scene, {
      clientId,
      code: params.get('code') ?? '',
      verifier: sent ?? '',
    })
    expect(answer.status).toBe(400)
    expect(['invalid_grant', 'invalid_request']).toContain(answer.json['error'])
  })
})

describe('AS-08, H11: scopes', () => {
  test.each([
    ['absent', undefined, 'notes:read'],
    ['empty', '', 'notes:read'],
    ['unknown', 'claudeai', 'notes:read'],
    ['some unknown', 'claudeai notes:write email', 'notes:write'],
    ['all of OpenID', 'profile email offline_access', 'notes:read'],
  ])('%s', async (_what, scope, granted) => {
    const { params } = await authorize(scene, usual({ scope }))
    const answer = await redeem(scene, { clientId, code: params.get('code') ?? '', verifier })
    expect(answer.json['scope']).toBe(granted)
  })

  test('AS-08, step-up: what a client named at registration is no limit', async () => {
    const app = String((await register(scene, { scope: 'notes:read' })).json['client_id'])
    const { params } = await authorize(scene, usual({ client_id: app, scope: 'notes:read notes:write' }))
    const answer = await redeem(scene, { clientId: app, code: params.get('code') ?? '', verifier })
    expect(answer.json['scope']).toBe('notes:read notes:write')
  })

  test('a person gives no more than they may: the token says less', async () => {
    Object.assign(scene.script, { allowed: ['notes:read'] })
    const { params } = await authorize(scene, usual({ scope: 'notes:read notes:admin' }))
    const answer = await redeem(scene, { clientId, code: params.get('code') ?? '', verifier })
    expect(answer.json['scope']).toBe('notes:read')
  })

  test('a person who may give nothing ends in access_denied', async () => {
    Object.assign(scene.script, { allowed: [] })
    await expectTold(usual({ scope: 'notes:admin' }), 'access_denied')
  })
})

describe('AS-06, AS-09, A19, H8: what comes back', () => {
  test('iss with a code, and no state where none was sent', async () => {
    const { params } = await authorize(scene, usual())
    expect(params.get('iss')).toBe(scene.origin)
    expect(params.has('state')).toBe(false)
  })

  test('state verbatim', async () => {
    const state = 'a b+c%20&"<>\u00e9'
    const { params } = await authorize(scene, usual({ state }))
    expect(params.get('state')).toBe(state)
  })

  test('iss with a refusal of the person', async () => {
    scene.script.answer = 'deny'
    await expectTold(usual(), 'access_denied')
  })

  test('prompt=consent is understood, prompt=none without a session is not enough (A53)', async () => {
    const { params } = await authorize(scene, usual({ prompt: 'consent' }))
    expect(params.has('code')).toBe(true)
    await expectTold(usual({ prompt: 'none' }), 'login_required')
  })

  test.each(['token', 'id_token', 'code id_token', 'none'])('AS-01: response_type %s', async (type) => {
    await expectTold(usual({ response_type: type, nonce: 'n' }), 'unsupported_response_type')
  })

  test('A06: every redirect is a 303, so no form goes along', async () => {
    const answer = await first(usual())
    expect(answer.status).toBe(303)
  })
})

test('A34: a program on the machine is asked for again, whatever was remembered; a web client is not', async () => {
  scene.script.remembers = true
  const web = String((await register(scene, { redirect_uris: ['https://c.example/cb'] })).json['client_id'])
  await authorize(scene, usual({ client_id: web, redirect_uri: 'https://c.example/cb' }))
  expect(asked).toHaveLength(0)
  await authorize(scene, usual())
  expect(asked).toHaveLength(1)
  scene.script.remembers = false
})
