// The token endpoint: codes, refresh tokens and their reuse, client authentication, and requests that are not ones.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type Answer,
  ask,
  authorize,
  createScene,
  notesRoute,
  pkce,
  postForm,
  REDIRECT,
  redeem,
  refresh,
  register,
  type Scene,
  signIn,
} from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

const RACE = 20

/** Only the clock on the wall: sockets and timers go on. */
function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
}

async function newCode(clientId: string, of: Scene = scene, resource?: string) {
  const { verifier, challenge } = pkce()
  const { params } = await authorize(of, {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(resource === undefined ? {} : { resource }),
  })
  return { clientId, code: params.get('code') ?? '', verifier }
}

async function newClient(of: Scene = scene): Promise<string> {
  return String((await register(of)).json['client_id'])
}

function expectError(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.json['error']]).toEqual([status, error])
}

/** Whether the gateway would still take it. */
function isRevoked(token: unknown): boolean {
  const claims = JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
  return scene.server.isRevoked(claims)
}

describe('codes', () => {
  test('AS-10: the token is a signed at+jwt with everything RFC 9068 asks for', async () => {
    const { accessToken, clientId } = await signIn(scene)
    const [header, claims] = accessToken
      .split('.', 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256' })
    expect(claims).toMatchObject({
      iss: scene.origin,
      sub: 'ada',
      aud: scene.resource,
      client_id: clientId,
      scope: 'notes:read',
    })
    expect(claims.exp - claims.iat).toBe(3_600)
    expect(claims.jti).toMatch(/^[\w-]{20,}$/)
  })

  test('A10, H18: used twice, and what came of the first use ends', async () => {
    const code = await newCode(await newClient())
    const firstUse = await redeem(scene, code)
    expect(firstUse.status).toBe(200)
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    expect(isRevoked(firstUse.json['access_token'])).toBe(true)
    const next = await refresh(scene, code.clientId, String(firstUse.json['refresh_token']))
    expectError(next, 400, 'invalid_grant')
    expect(scene.events).toContainEqual(
      expect.objectContaining({ event: 'code_replayed', client: code.clientId }),
    )
  })

  test('A11: a replay that proves nothing ends nothing', async () => {
    const code = await newCode(await newClient())
    const firstUse = await redeem(scene, code)
    expectError(await redeem(scene, { ...code, verifier: 'x'.repeat(43) }), 400, 'invalid_grant')
    expectError(await redeem(scene, { ...code, clientId: await newClient() }), 400, 'invalid_grant')
    expectError(await redeem(scene, { ...code, code: `${code.code}GARBAGE` }), 400, 'invalid_grant')
    expect(isRevoked(firstUse.json['access_token'])).toBe(false)
    expect((await refresh(scene, code.clientId, String(firstUse.json['refresh_token']))).status).toBe(200)
  })

  test(`A12: of ${RACE} at once exactly one`, async () => {
    const code = await newCode(await newClient())
    const answers = await Promise.all(Array.from({ length: RACE }, () => redeem(scene, code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.map(({ json }) => json['error']))).toEqual(new Set([undefined, 'invalid_grant']))
  })

  test('A13: bound to client and redirect address', async () => {
    const code = await newCode(await newClient())
    expectError(await redeem(scene, { ...code, clientId: await newClient() }), 400, 'invalid_grant')
    const elsewhere = await redeem(scene, { ...code, redirect_uri: 'http://127.0.0.1:1/callback' })
    expectError(elsewhere, 400, 'invalid_grant')
    expect((await redeem(scene, code)).status).toBe(200)
  })

  test('AS-09: a code lives for a minute', async () => {
    const code = await newCode(await newClient())
    later(61)
    expectError(await redeem(scene, code), 400, 'invalid_grant')
  })

  test('A14, H7: another resource is refused, and the code is not used up', async () => {
    const code = await newCode(await newClient())
    const wrong = await redeem(scene, { ...code, resource: 'https://other.example/mcp' })
    expectError(wrong, 400, 'invalid_target')
    expect((await redeem(scene, { ...code, resource: scene.resource })).status).toBe(200)
  })

  test('H10: without resource it inherits the one of the code; written loosely it is the same', async () => {
    expect((await redeem(scene, await newCode(await newClient(), scene, scene.resource))).status).toBe(200)
    const code = await newCode(await newClient(), scene, scene.resource)
    expect((await redeem(scene, { ...code, resource: `${scene.resource}/` })).status).toBe(200)
  })

  test('A14: two routes, the other one at the token endpoint', async () => {
    const two = await createScene({ routes: (origin) => [notesRoute(origin), notesRoute(origin, '/b/mcp')] })
    const code = await newCode(await newClient(two), two, `${two.origin}/b/mcp`)
    expectError(await redeem(two, { ...code, resource: `${two.origin}/notes/mcp` }), 400, 'invalid_target')
    const answer = await redeem(two, code)
    const claims = JSON.parse(
      Buffer.from(String(answer.json['access_token']).split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(claims.aud).toBe(`${two.origin}/b/mcp`)
    await two.stop()
  })

  test('a person who is gone gets no token', async () => {
    const code = await newCode(await newClient())
    Object.assign(scene.script, { gone: ['ada'] })
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    delete (scene.script as { gone?: unknown }).gone
  })

  test('refresh tokens go to clients that registered the grant', async () => {
    const app = await register(scene, { grant_types: ['authorization_code'] })
    const answer = await redeem(scene, await newCode(String(app.json['client_id'])))
    expect(answer.status).toBe(200)
    expect(answer.json).not.toHaveProperty('refresh_token')
  })
})

describe('refresh tokens', () => {
  test('AS-04: each is used once, and the family goes on', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    const second = await refresh(scene, clientId, refreshToken)
    const third = await refresh(scene, clientId, String(second.json['refresh_token']))
    expect([second.status, third.status]).toEqual([200, 200])
    const tokens = [refreshToken, second.json['refresh_token'], third.json['refresh_token']]
    expect(new Set(tokens).size).toBe(3)
  })

  test(`A16, AS-04: ${RACE} at once get one answer, and its token lives`, async () => {
    const { clientId, refreshToken } = await signIn(scene)
    const answers = await Promise.all(
      Array.from({ length: RACE }, () => refresh(scene, clientId, refreshToken)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect((await refresh(scene, clientId, String(answers[0]?.json['refresh_token']))).status).toBe(200)
  })

  test('A15: repeated within the grace, the same answer', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    const answer = await refresh(scene, clientId, refreshToken)
    later(9)
    expect((await refresh(scene, clientId, refreshToken)).text).toBe(answer.text)
  })

  test('A15, H18: repeated after the grace, the family ends', async () => {
    const { clientId, refreshToken, accessToken } = await signIn(scene)
    const answer = await refresh(scene, clientId, refreshToken)
    later(11)
    expectError(await refresh(scene, clientId, refreshToken), 400, 'invalid_grant')
    expectError(await refresh(scene, clientId, String(answer.json['refresh_token'])), 400, 'invalid_grant')
    expect([isRevoked(accessToken), isRevoked(answer.json['access_token'])]).toEqual([true, true])
    expect(scene.events).toContainEqual(
      expect.objectContaining({ event: 'refresh_reused', client: clientId }),
    )
  })

  test('A15: repeated after its successor was used, the family ends', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    const second = await refresh(scene, clientId, refreshToken)
    const third = await refresh(scene, clientId, String(second.json['refresh_token']))
    expectError(await refresh(scene, clientId, refreshToken), 400, 'invalid_grant')
    expectError(await refresh(scene, clientId, String(third.json['refresh_token'])), 400, 'invalid_grant')
  })

  test('A15: a different question is no repeat', async () => {
    const { clientId, refreshToken } = await signIn(scene, { scope: 'notes:read notes:write' })
    expect((await refresh(scene, clientId, refreshToken)).status).toBe(200)
    expectError(await refresh(scene, clientId, refreshToken, { scope: 'notes:read' }), 400, 'invalid_grant')
  })

  test('grace 0s: no repeat at all', async () => {
    const strict = await createScene({ settings: { refreshTokenGraceSeconds: 0 } })
    const { clientId, refreshToken } = await signIn(strict)
    expect((await refresh(strict, clientId, refreshToken)).status).toBe(200)
    expectError(await refresh(strict, clientId, refreshToken), 400, 'invalid_grant')
    await strict.stop()
  })

  test('A17: shown by another client, nothing happens to the family', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    expectError(await refresh(scene, await newClient(), refreshToken), 400, 'invalid_grant')
    expect((await refresh(scene, clientId, refreshToken)).status).toBe(200)
  })

  test('A18: never wider', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    expectError(
      await refresh(scene, clientId, refreshToken, { scope: 'notes:read notes:admin' }),
      400,
      'invalid_scope',
    )
    expect((await refresh(scene, clientId, refreshToken)).status).toBe(200)
  })

  test('AS-08: unknown scopes are dropped, none left means all of them', async () => {
    const { clientId, refreshToken } = await signIn(scene, { scope: 'notes:read notes:write' })
    const answer = await refresh(scene, clientId, refreshToken, { scope: 'offline_access claudeai' })
    expect(answer.json['scope']).toBe('notes:read notes:write')
  })

  test('H12: narrowed once, and all of it the next time', async () => {
    const { clientId, refreshToken } = await signIn(scene, { scope: 'notes:read notes:write' })
    const narrow = await refresh(scene, clientId, refreshToken, { scope: 'notes:read' })
    expect(narrow.json['scope']).toBe('notes:read')
    const wide = await refresh(scene, clientId, String(narrow.json['refresh_token']))
    expect(wide.json['scope']).toBe('notes:read notes:write')
  })

  test('A14, H7: another resource is refused, and the token is not used up', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    const wrong = await refresh(scene, clientId, refreshToken, { resource: 'https://other.example/mcp' })
    expectError(wrong, 400, 'invalid_target')
    expect((await refresh(scene, clientId, refreshToken, { resource: scene.resource })).status).toBe(200)
  })

  test('a person who is gone refreshes nothing', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    Object.assign(scene.script, { gone: ['ada'] })
    expectError(await refresh(scene, clientId, refreshToken), 400, 'invalid_grant')
    delete (scene.script as { gone?: unknown }).gone
  })

  test('a refresh token that nobody used for its time is over', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    later(14 * 86_400 + 1)
    expectError(await refresh(scene, clientId, refreshToken), 400, 'invalid_grant')
  })
})

describe('A38: what is no token request', () => {
  const url = () => `${scene.origin}/token`
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

  test.each([
    ['JSON', { 'content-type': 'application/json' }, '{"grant_type":"refresh_token"}'],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
    ['text/plain', { 'content-type': 'text/plain' }, 'grant_type=refresh_token'],
    ['another charset', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' }, 'a=b'],
    ['a bad escape', FORM, 'grant_type=%zz'],
    ['bytes that are not UTF-8', FORM, 'grant_type=%ff'],
    ['a parameter twice', FORM, 'grant_type=refresh_token&client_id=a&client_id=a&refresh_token=b'],
    ['nothing', FORM, ''],
  ])('%s', async (_what, headers, body) => {
    expectError(
      await ask(url(), { method: 'POST', headers: headers as Record<string, string>, body }),
      400,
      'invalid_request',
    )
  })

  test('GET', async () => expectError(await ask(url()), 405, 'invalid_request'))

  test('a body without end', async () => {
    const body = `grant_type=refresh_token&x=${'a'.repeat(70_000)}`
    expectError(await ask(url(), { method: 'POST', headers: FORM, body }), 413, 'invalid_request')
  })

  test.each([
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ])('A44, A45, AS-01: grant type %s', async (grantType) => {
    const answer = await postForm(url(), { grant_type: grantType, client_id: await newClient() })
    expectError(answer, 400, 'unsupported_grant_type')
  })
})

describe('A39, H4: client authentication', () => {
  let confidential: Record<string, string>
  beforeAll(async () => {
    const { json } = await register(scene, { token_endpoint_auth_method: 'client_secret_basic' })
    confidential = { id: String(json['client_id']), secret: String(json['client_secret']) }
  })
  const basic = (id: string, secret: string, scheme = 'Basic') => ({
    authorization: `${scheme} ${btoa(`${id}:${secret}`)}`,
  })
  const ask_ = (form: Record<string, string>, headers = {}) =>
    postForm(`${scene.origin}/token`, { grant_type: 'refresh_token', refresh_token: 'x', ...form }, headers)

  test('the right secret, either way', async () => {
    const { id = '', secret = '' } = confidential
    expectError(await ask_({}, basic(id, secret)), 400, 'invalid_grant')
    expectError(await ask_({}, basic(id, secret, 'basic')), 400, 'invalid_grant')
    expectError(await ask_({ client_id: id, client_secret: secret }), 400, 'invalid_grant')
  })

  test('a wrong secret, of any length', async () => {
    const { id = '', secret = '' } = confidential
    for (const wrong of [`${secret}x`, secret.slice(1), 'x']) {
      const answer = await ask_({}, basic(id, wrong))
      expectError(answer, 401, 'invalid_client')
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
    }
  })

  test('no secret, two secrets, a secret of a public client, nobody', async () => {
    const { id = '', secret = '' } = confidential
    expectError(await ask_({ client_id: id }), 401, 'invalid_client')
    expectError(await ask_({ client_secret: secret }, basic(id, secret)), 400, 'invalid_request')
    expectError(await ask_({ client_id: await newClient(), client_secret: 'x' }), 401, 'invalid_client')
    expectError(await ask_({ client_id: 'nobody' }), 401, 'invalid_client')
  })
})
