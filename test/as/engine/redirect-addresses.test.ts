// Where an answer of the authorization endpoint may be sent: exactly to what the client registered, and nowhere before
// that was checked.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asked, begin, type Changes, expectPage, expectTold } from './request-context.ts'
import {
  ask,
  authorize,
  createScene,
  pkce,
  postJson,
  REDIRECT,
  redeem,
  register,
  type Scene,
} from './scene.ts'
import { expectError } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterAll(() => scene.stop())

const { verifier, challenge } = pkce()
const SITE = 'https://c.example/cb'

async function clientWith(...uris: string[]): Promise<string> {
  return String((await register(scene, { redirect_uris: uris })).json['client_id'])
}

async function goes(clientId: string, uri: string): Promise<boolean> {
  const { params } = await authorize(scene, asked(clientId, challenge, { redirect_uri: uri }))
  return params.has('code')
}

describe('exact', () => {
  let app: string
  beforeAll(async () => {
    app = await clientWith(SITE, 'https://c.example/other?tenant=a')
  })
  const first = (changes: Changes) => begin(scene, asked(app, challenge, changes))

  test.each([
    'https://c.example/cb/',
    'https://c.example/cb?x=1',
    'https://c.example/cb?',
    'https://c.example/cb/../x',
    'https://c.example/x/../cb',
    'https://c.example/CB',
    'https://C.example/cb',
    'https://c.example/%63b',
    'https://c.example%2fcb',
    'https://c.example/%2fcb',
    'https://c.example//cb',
    'https://c.example:443/cb',
    'http://c.example/cb',
    'https://c.example@evil.example/cb',
    'https://evil.example#https://c.example/cb',
    'https://c.example.evil.example/cb',
    'https://c.example/other',
    'https://c.example/other?tenant=b',
    ' https://c.example/cb',
  ])('A01: not %j', async (uri) => expectPage(await first({ redirect_uri: uri }), 'invalid_redirect_uri'))

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://c.example/x',
    '//evil.example',
    'myapp://cb',
    'myapp:/cb',
    '\tjavascript:alert(1)',
  ])('A03: never %j', async (uri) => {
    const answer = await first({ redirect_uri: uri })
    expectPage(answer, 'invalid_redirect_uri')
    expect(answer.text).not.toContain(uri)
  })

  test('A04: omitted with two registered, and with one', async () => {
    expectPage(await first({ redirect_uri: undefined }), 'invalid_request')
    const single = await clientWith(SITE)
    const without = asked(single, challenge, { redirect_uri: undefined })
    expectPage(await begin(scene, without), 'invalid_request')
  })

  test.each([
    ['twice', `redirect_uri=${SITE}&redirect_uri=${SITE}`],
    ['a good one, then another', `redirect_uri=${SITE}&redirect_uri=https://evil.example/`],
    ['as a list', `redirect_uri[]=${SITE}`],
    ['as a member', `redirect_uri[0]=${SITE}`],
  ])('A04: given %s', async (_how, given) => {
    const query = new URLSearchParams(asked(app, challenge, { redirect_uri: undefined }))
    expectPage(await ask(`${scene.origin}/authorize?${query}&${encodeURI(given)}`), 'invalid_request')
  })

  test('H6: a query of its own is kept', async () => {
    const uri = 'https://c.example/other?tenant=a'
    const { params } = await authorize(scene, asked(app, challenge, { redirect_uri: uri }))
    expect(params.get('tenant')).toBe('a')
    expect(params.get('code')).toMatch(/^[\w-]{43}$/)
  })
})

describe('A05, AS-03: nothing is sent to an address that was not checked', () => {
  let app: string
  beforeAll(async () => {
    app = await clientWith(SITE)
  })
  const EVIL = 'https://evil.example/'

  test.each([
    ['nobody', 'nobody'],
    ['a URL that is not fetched', 'https://127.0.0.1/client'],
    ['nothing', ''],
  ])('A05: a client that is %s', async (_who, clientId) => {
    expectPage(await begin(scene, asked(clientId, challenge, { redirect_uri: EVIL })))
  })

  test.each([
    ['an implicit grant', { response_type: 'token', nonce: 'n' }, 'unsupported_response_type'],
    ['no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['prompt=none', { prompt: 'none' }, 'login_required'],
    ['a wrong prompt', { prompt: 'none login' }, 'invalid_request'],
    ['another resource', { resource: 'https://other.example/' }, 'invalid_target'],
  ])(
    'A05: %s is told to the registered address of a program, and to no other',
    async (_what, changes, error) => {
      expectPage(await begin(scene, asked(app, challenge, { ...changes, redirect_uri: EVIL })))
      await expectTold(scene, asked(await clientWith(REDIRECT), challenge, changes), error)
    },
  )

  test.each(['\u0000', 'nobody:knows', '"'])('A05: the scope %j changes nothing of that', async (scope) => {
    expectPage(await begin(scene, asked(app, challenge, { scope, redirect_uri: EVIL })))
  })
})

describe('A02, AS-02: loopback ports vary, and nothing else', () => {
  let native: string
  beforeAll(async () => {
    native = await clientWith('http://127.0.0.1:1111/cb', 'http://localhost/callback', 'http://[::1]:1111/cb')
  })

  test.each([
    'http://127.0.0.1:2222/cb',
    'http://127.0.0.1/cb',
    'http://localhost:51234/callback',
    'http://[::1]:2222/cb',
    'http://[::1]/cb',
  ])('A02: %s goes', async (uri) => expect(await goes(native, uri)).toBe(true))

  test.each([
    'http://localhost:1111/cb',
    'http://127.0.0.1:1111/callback',
    'http://[::1]/callback',
    'http://127.0.0.1.evil.example/cb',
    'http://localhost.evil.example/callback',
    'http://127.0.0.2:1111/cb',
    'http://127.1/cb',
    'http://[::ffff:127.0.0.1]/cb',
    'http://127.0.0.1:2222/other',
    'http://127.0.0.1:2222/cb?x=1',
    'https://127.0.0.1:2222/cb',
  ])('A02: %s does not', async (uri) =>
    expectPage(await begin(scene, asked(native, challenge, { redirect_uri: uri })), 'invalid_redirect_uri'),
  )

  test('A02: of the three names of this machine only the registered one', async () => {
    const four = await clientWith('http://127.0.0.1/cb')
    for (const host of ['localhost', '[::1]']) {
      const uri = `http://${host}:1111/cb`
      expectPage(await begin(scene, asked(four, challenge, { redirect_uri: uri })), 'invalid_redirect_uri')
    }
  })

  test('AS-02: the token request repeats the exact one', async () => {
    const uri = 'http://127.0.0.1:2222/cb'
    const { params } = await authorize(scene, asked(native, challenge, { redirect_uri: uri }))
    const code = params.get('code') ?? ''
    const shown = { clientId: native, code, verifier }
    expectError(
      await redeem(scene, { ...shown, redirect_uri: 'http://127.0.0.1:3333/cb' }),
      400,
      'invalid_grant',
    )
    expect((await redeem(scene, { ...shown, redirect_uri: uri })).status).toBe(200)
  })
})

test('CDP-05: another address needs another registration, and then the old one is none', async () => {
  const next = 'https://c.example/next'
  const { json } = await register(scene, { redirect_uris: [SITE] })
  const id = String(json['client_id'])
  expect(await goes(id, SITE)).toBe(true)
  expectPage(await begin(scene, asked(id, challenge, { redirect_uri: next })), 'invalid_redirect_uri')
  const change = { client_id: id, redirect_uris: [next], token_endpoint_auth_method: 'none' }
  const bearer = { authorization: `Bearer ${json['registration_access_token']}` }
  expect((await postJson(`${scene.origin}/register/${id}`, change, 'PUT', bearer)).status).toBe(200)
  expectPage(await begin(scene, asked(id, challenge, { redirect_uri: SITE })), 'invalid_redirect_uri')
  expect(await goes(id, next)).toBe(true)
})
