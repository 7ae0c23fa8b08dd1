// Who may show the same thing twice: a refresh token within the grace, from where it was used first; a code, never, but
// soon after its use that ends nothing. And who may ask whether a token still works.
import { randomUUID, type webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type Answer,
  createScene,
  postForm,
  redeem,
  refresh,
  register,
  type Scene,
  type Session,
  signIn,
} from './scene.ts'
import { expectError, isRevoked, later, newClient, newCode } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

const from = (address: string) => ({ 'x-test-address': address })

function refreshAt(clientId: string, token: string, headers: Record<string, string>, form = {}) {
  const asked = { grant_type: 'refresh_token', client_id: clientId, refresh_token: token, ...form }
  return postForm(`${scene.origin}/token`, asked, headers)
}

async function expectEnded({ clientId, accessToken }: Session, answer: Answer): Promise<void> {
  expectError(await refresh(scene, clientId, String(answer.json['refresh_token'])), 400, 'invalid_grant')
  expect([await isRevoked(scene, accessToken), await isRevoked(scene, answer.json['access_token'])]).toEqual([
    true,
    true,
  ])
  expect(scene.events).toContainEqual(expect.objectContaining({ event: 'refresh_reused', client: clientId }))
}

describe('A61: whether a token still works is told to nobody who proves nothing', () => {
  const ask = (form: Record<string, string>, query = '') =>
    postForm(`${scene.origin}/introspect${query}`, form)

  test.each(['', '?x=1'])('A61: not to the public client that it was given to%s', async (query) => {
    const { clientId, refreshToken, accessToken } = await signIn(scene)
    for (const token of [refreshToken, accessToken, 'made up']) {
      const answers = [
        await ask({ token, client_id: clientId }, query),
        await ask({ token, client_id: clientId, client_secret: '', client_assertion: '' }, query),
      ]
      for (const answer of answers) expectError(answer, 401, 'invalid_client')
    }
    expectError(
      await ask({ token: accessToken, client_id: clientId, client_secret: 'x' }),
      401,
      'invalid_client',
    )
  })

  test('A61: to a client that has a secret, about its own', async () => {
    const { json } = await register(scene, { token_endpoint_auth_method: 'client_secret_post' })
    const secret = String(json['client_secret'])
    const answer = await ask({ token: 'x', client_id: String(json['client_id']), client_secret: secret })
    expect([answer.status, answer.json]).toEqual([200, { active: false }])
  })

  test('the metadata do not promise it', async () => {
    const { introspection_endpoint_auth_methods_supported: methods } = JSON.parse(scene.server.metadataText())
    expect(methods).toEqual(['client_secret_basic', 'client_secret_post', 'private_key_jwt'])
  })
})

describe('A62: a repeat within the grace is for who asked first', () => {
  test('A62: from another network it is theft, and the grant ends', async () => {
    const session = await signIn(scene)
    const { clientId, refreshToken } = session
    const answer = await refreshAt(clientId, refreshToken, from('192.0.2.1'))
    expectError(await refreshAt(clientId, refreshToken, from('198.51.100.7')), 400, 'invalid_grant')
    await expectEnded(session, answer)
  })

  test('A62: the same at once, while the first is under way', async () => {
    const session = await signIn(scene)
    const { clientId, refreshToken } = session
    const [answer, thief] = await Promise.all([
      refreshAt(clientId, refreshToken, from('192.0.2.1')),
      refreshAt(clientId, refreshToken, from('198.51.100.7')),
    ])
    const [good, bad] = answer.status === 200 ? [answer, thief] : [thief, answer]
    expectError(bad, 400, 'invalid_grant')
    await expectEnded(session, good)
  })

  test('A62: from the same network it is not: an address of the same /64', async () => {
    const { clientId, refreshToken } = await signIn(scene)
    const answer = await refreshAt(clientId, refreshToken, from('2001:db8:1:1::1'))
    expect((await refreshAt(clientId, refreshToken, from('2001:db8:1:1::2'))).text).toBe(answer.text)
  })

  test('A62: a client with a secret has many places of its own', async () => {
    const { json } = await register(scene, { token_endpoint_auth_method: 'client_secret_post' })
    const clientId = String(json['client_id'])
    const proved = { client_secret: String(json['client_secret']) }
    const first = await redeem(scene, { ...(await newCode(scene, clientId)), ...proved })
    const token = String(first.json['refresh_token'])
    const answer = await refreshAt(clientId, token, from('192.0.2.1'), proved)
    expect((await refreshAt(clientId, token, from('198.51.100.7'), proved)).text).toBe(answer.text)
    expectError(await refreshAt(clientId, token, from('192.0.2.1')), 401, 'invalid_client')
  })
})

describe('A62: where tokens are bound to a key', () => {
  let keys: webcrypto.CryptoKeyPair
  beforeAll(async () => {
    keys = await newKeys()
  })
  const newKeys = async () =>
    (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair

  async function dpop(by: webcrypto.CryptoKeyPair, jti: string = randomUUID()) {
    const claims = { htm: 'POST', htu: `${scene.origin}/token`, jti, iat: Math.floor(Date.now() / 1_000) }
    const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(by.publicKey) }
    return { dpop: await new SignJWT(claims).setProtectedHeader(header).sign(by.privateKey) }
  }

  async function boundSession(): Promise<readonly [clientId: string, token: string]> {
    const clientId = await newClient(scene)
    const { code, verifier } = await newCode(scene, clientId)
    const form = {
      ...{ grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier },
      redirect_uri: 'http://127.0.0.1:33418/callback',
    }
    const { json } = await postForm(`${scene.origin}/token`, form, await dpop(keys))
    expect(json['token_type']).toBe('DPoP')
    return [clientId, String(json['refresh_token'])]
  }

  test('A62: whoever holds the key may be anywhere', async () => {
    const [clientId, token] = await boundSession()
    const answer = await refreshAt(clientId, token, { ...from('192.0.2.1'), ...(await dpop(keys)) })
    const repeat = await refreshAt(clientId, token, { ...from('198.51.100.7'), ...(await dpop(keys)) })
    expect([answer.status, repeat.text]).toEqual([200, answer.text])
  })

  test('A62: no repeat without the key, with another, with a proof that is none or was used', async () => {
    const [clientId, token] = await boundSession()
    const used = await dpop(keys)
    const answer = await refreshAt(clientId, token, used)
    const tries = [{}, await dpop(await newKeys()), { dpop: 'x' }, used]
    for (const headers of tries) {
      const { status, json } = await refreshAt(clientId, token, headers as Record<string, string>)
      expect([status, json['access_token']]).toEqual([400, undefined])
    }
    const next = String(answer.json['refresh_token'])
    expect((await refreshAt(clientId, next, await dpop(keys))).status).toBe(200)
  })
})

describe('A63: a code that comes twice', () => {
  test('A63: soon after, the second is refused and the tokens live', async () => {
    const code = await newCode(scene, await newClient(scene))
    const first = await redeem(scene, code)
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    later(8)
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    expect(await isRevoked(scene, first.json['access_token'])).toBe(false)
    expect((await refresh(scene, code.clientId, String(first.json['refresh_token']))).status).toBe(200)
  })

  test('A63: after the grace it ends them', async () => {
    const code = await newCode(scene, await newClient(scene))
    const first = await redeem(scene, code)
    later(11)
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    expect(await isRevoked(scene, first.json['access_token'])).toBe(true)
    expect(scene.events).toContainEqual(
      expect.objectContaining({ event: 'code_replayed', client: code.clientId }),
    )
  })

  test('A63: without a grace it ends them at once', async () => {
    const strict = await createScene({ settings: { refreshTokenGraceSeconds: 0 } })
    const code = await newCode(strict, await newClient(strict))
    const first = await redeem(strict, code)
    expectError(await redeem(strict, code), 400, 'invalid_grant')
    expect(await isRevoked(strict, first.json['access_token'])).toBe(true)
    await strict.stop()
  })
})
