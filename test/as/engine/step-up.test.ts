// A refresh right after a call was refused for want of scopes: answered once with `interaction_required`, and nothing is
// used up by it. Every other refresh goes on as usual.
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  authorize,
  createScene,
  pkce,
  postForm,
  REDIRECT,
  refresh,
  register,
  type Scene,
  type Session,
  signIn,
} from './scene.ts'
import { claimsOf, expectError, later } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterEach(() => {
  vi.useRealTimers()
  delete scene.script.allowed
})
afterAll(() => scene.stop())

/** As the gateway tells it: a call with this access token was refused for want of `notes:write`. */
function refuseCall(of: Scene, accessToken: unknown, over: object = {}): void {
  const { jti, sub, client_id: clientId, grant_id: grantId, exp } = claimsOf(accessToken)
  of.server.noteRefused({
    subject: String(sub),
    clientId: String(clientId),
    grantId: String(grantId),
    token: String(jti),
    tokenExpiresAt: Number(exp) * 1_000,
    resource: of.resource,
    missing: ['notes:write'],
    isChallenged: true,
    ...over,
  })
}

const ASKED = 'interaction_required'

async function refused(over: object = {}): Promise<Session> {
  const session = await signIn(scene)
  refuseCall(scene, session.accessToken, over)
  return session
}

const again = ({ clientId, refreshToken }: Session) => refresh(scene, clientId, refreshToken)

describe('a refresh that follows a refused call', () => {
  test('is sent to the person once, and the same refresh token works on', async () => {
    const session = await refused()
    const answer = await again(session)
    expectError(answer, 400, ASKED)
    expect(answer.json['error_description']).toContain('notes:write')
    expect((await again(session)).status).toBe(200)
  })

  test('is on record once, as what it is, and counts as no failure of the address', async () => {
    scene.events.length = 0
    const session = await refused()
    await again(session)
    const { clientId: client, accessToken } = session
    expect(scene.events.filter(({ event }) => ['step_up_asked', 'refused'].includes(event))).toEqual([
      {
        ...{
          event: 'step_up_asked',
          actor: `client ${client}`,
          client,
          subject: 'ada',
          detail: 'notes:write',
        },
        ...{ grant: claimsOf(accessToken)['grant_id'], address: '127.0.0.1' },
      },
    ])
  })

  test('A73: asked once in ten minutes for a grant and a set of scopes, with tokens that are new too', async () => {
    const session = await refused()
    expectError(await again(session), 400, ASKED)
    const second = await again(session)
    const { access_token: accessToken, refresh_token: refreshToken } = second.json
    refuseCall(scene, accessToken)
    const third = await refresh(scene, session.clientId, String(refreshToken))
    expect(third.status).toBe(200)
    refuseCall(scene, third.json['access_token'], { missing: ['notes:admin'] })
    expectError(await refresh(scene, session.clientId, String(third.json['refresh_token'])), 400, ASKED)
    later(601)
    const fourth = await refresh(scene, session.clientId, String(third.json['refresh_token']))
    refuseCall(scene, fourth.json['access_token'])
    expectError(await refresh(scene, session.clientId, String(fourth.json['refresh_token'])), 400, ASKED)
  })

  test('A73: of ten at once, one', async () => {
    const session = await refused()
    const answers = await Promise.all(Array.from({ length: 10 }, () => again(session)))
    expect(answers.filter(({ json }) => json['error'] === ASKED)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(9)
  })
})

describe('a refresh goes on as usual', () => {
  test.each([
    ['where the call was refused inside an answer', { isChallenged: false }],
    ['where the access token has less than a minute', { tokenExpiresAt: Date.now() + 50_000 }],
    ['where the route has no such scope', { missing: ['other:write'] }],
    ['where it was granted already', { missing: ['notes:read'] }],
    ['where another access token was refused', { token: 'another' }],
  ])('%s', async (_what, over) => {
    expect((await again(await refused(over))).status).toBe(200)
  })

  test('16 seconds after the call', async () => {
    const session = await refused()
    later(16)
    expect((await again(session)).status).toBe(200)
  })

  test('where the person may not be given the scopes', async () => {
    const session = await refused()
    scene.script.allowed = ['notes:read']
    expect((await again(session)).status).toBe(200)
  })

  test('with step_up: off', async () => {
    const off = await createScene({ settings: { stepUp: 'off' } })
    const { clientId, refreshToken, accessToken } = await signIn(off)
    refuseCall(off, accessToken)
    expect((await refresh(off, clientId, refreshToken)).status).toBe(200)
    await off.stop()
  })

  test('after its access token was followed by another', async () => {
    const session = await signIn(scene)
    const { json } = await again(session)
    refuseCall(scene, session.accessToken)
    expect((await refresh(scene, session.clientId, String(json['refresh_token']))).status).toBe(200)
  })
})

describe('A74: whoever does not prove everything hears the usual error, and takes nothing from the client', () => {
  test('another client', async () => {
    const session = await refused()
    const other = String((await register(scene)).json['client_id'])
    expectError(await refresh(scene, other, session.refreshToken), 400, 'invalid_grant')
    expectError(await again(session), 400, ASKED)
  })

  test('a client with a wrong secret', async () => {
    const registered = await register(scene, { token_endpoint_auth_method: 'client_secret_post' })
    const { client_id: id, client_secret: secret } = registered.json
    const session = await signInWithSecret(String(id), String(secret))
    refuseCall(scene, session['access_token'])
    const form = { grant_type: 'refresh_token', client_id: String(id) }
    const shown = { ...form, refresh_token: String(session['refresh_token']) }
    const wrong = await postForm(`${scene.origin}/token`, { ...shown, client_secret: 'wrong' })
    expectError(wrong, 401, 'invalid_client')
    const right = await postForm(`${scene.origin}/token`, { ...shown, client_secret: String(secret) })
    expectError(right, 400, ASKED)
  })

  test('a request for more than was granted', async () => {
    const session = await refused()
    const wider = await refresh(scene, session.clientId, session.refreshToken, { scope: 'notes:write' })
    expectError(wider, 400, 'invalid_scope')
    expectError(await again(session), 400, ASKED)
  })

  test('a refresh token that was used before is a reuse', async () => {
    const session = await signIn(scene)
    await again(session)
    later(11)
    refuseCall(scene, session.accessToken)
    expectError(await again(session), 400, 'invalid_grant')
  })

  test('a client without a page', async () => {
    const session = await refused()
    const clients = scene.server.store.clients
    const kept = (await clients.find(session.clientId))?.metadata ?? {}
    await clients.save(session.clientId, 'operator', {
      ...kept,
      redirect_uris: [],
      response_types: [],
      grant_types: ['refresh_token'],
    })
    expect((await again(session)).status).toBe(200)
  })
})

async function signInWithSecret(clientId: string, secret: string): Promise<Record<string, unknown>> {
  const { verifier, challenge } = pkce()
  const { params } = await authorize(scene, {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
  })
  const answer = await postForm(`${scene.origin}/token`, {
    ...{ grant_type: 'authorization_code', client_id: clientId, client_secret: secret },
    ...{ code: params.get('code') ?? '', redirect_uri: REDIRECT, code_verifier: verifier },
  })
  return answer.json
}

describe('A74: a refresh token that is bound to a key', () => {
  const proofs = createProofs()

  test('no answer without a proof of the key, and none with a proof that was used', async () => {
    const clientId = String((await register(scene)).json['client_id'])
    const { verifier, challenge } = pkce()
    const { params } = await authorize(scene, {
      ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    })
    const redeemed = { grant_type: 'authorization_code', redirect_uri: REDIRECT, code_verifier: verifier }
    const code = params.get('code') ?? ''
    const first = await askToken({ ...redeemed, client_id: clientId, code }, await (await proofs)())
    refuseCall(scene, first.json['access_token'])
    const refreshToken = String(first.json['refresh_token'])
    const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken }
    expectError(await askToken(form), 400, 'invalid_grant')
    const foreign = await (await createProofs())()
    expectError(await askToken(form, foreign), 400, 'invalid_grant')
    const own = await (await proofs)()
    expectError(await askToken(form, own), 400, ASKED)
    expectError(await askToken(form, own), 400, 'invalid_grant')
    expect((await askToken(form, await (await proofs)())).json['token_type']).toBe('DPoP')
  })
})

function askToken(form: Readonly<Record<string, string>>, dpop?: string) {
  return postForm(`${scene.origin}/token`, form, dpop === undefined ? {} : { dpop })
}

/** Proofs of one key for the token endpoint. */
async function createProofs(): Promise<() => Promise<string>> {
  const keys = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(keys.publicKey)
  return () =>
    new SignJWT({ htm: 'POST', htu: `${scene.origin}/token`, jti: randomUUID() })
      .setIssuedAt()
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .sign(keys.privateKey)
}
