// Clients that prove themselves with keys: private_key_jwt (RFC 7523) and DPoP (RFC 9449).
import { randomUUID, type webcrypto } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  authorize,
  createScene,
  pkce,
  postForm,
  REDIRECT,
  redeem,
  register,
  type Scene,
} from './scene.ts'

let scene: Scene
let keys: webcrypto.CryptoKeyPair
let jwk: JWK
beforeAll(async () => {
  scene = await createScene()
  keys = (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair
  jwk = await exportJWK(keys.publicKey)
  await scene.server.store.clients.save('robot', 'operator', {
    ...ROBOT,
    client_id: 'robot',
    jwks: { keys: [{ ...jwk, alg: 'ES256', use: 'sig' }] },
  })
})
afterAll(() => scene.stop())

const ROBOT = {
  token_endpoint_auth_method: 'private_key_jwt',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  portcullis_scope: 'notes:read notes:write',
}

async function assertion(
  claims: Readonly<Record<string, unknown>> = {},
  key: CryptoKey = keys.privateKey,
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const usual = { iss: 'robot', sub: 'robot', aud: scene.origin, iat: now, exp: now + 60, jti: randomUUID() }
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'ES256' }).sign(key)
}

function asRobot(proof: string, form: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return postForm(`${scene.origin}/token`, {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: proof,
    resource: scene.resource,
    ...form,
  })
}

describe('A40, XCC-01: private_key_jwt', () => {
  test('gets what the operator gave it, and no more', async () => {
    expect((await asRobot(await assertion(), { scope: 'notes:write' })).json['scope']).toBe('notes:write')
    expect((await asRobot(await assertion(), { scope: 'notes:write notes:admin' })).json['scope']).toBe(
      'notes:write',
    )
    expect((await asRobot(await assertion())).json['scope']).toBe('notes:read')
  })

  test('for the token endpoint as well as for the issuer', async () => {
    expect((await asRobot(await assertion({ aud: `${scene.origin}/token` }))).status).toBe(200)
  })

  test.each([
    ['the token endpoint in a list', () => ({ aud: [`${scene.origin}/token`] })],
    ['the issuer in a list', () => ({ aud: [scene.origin] })],
    ['another endpoint as audience', () => ({ aud: `${scene.origin}/introspect` })],
    ['another server as audience', () => ({ aud: 'https://other.example' })],
    ['two audiences', () => ({ aud: [scene.origin, 'https://other.example'] })],
    ['a far expiry', () => ({ exp: Math.floor(Date.now() / 1_000) + 86_400 })],
    ['a past expiry', () => ({ exp: Math.floor(Date.now() / 1_000) - 60 })],
    ['no expiry', () => ({ exp: undefined })],
    ['no jti', () => ({ jti: undefined })],
    ['another issuer', () => ({ iss: 'somebody' })],
    ['another subject', () => ({ sub: 'somebody' })],
  ])('%s', async (_what, claims) => {
    expect([400, 401]).toContain((await asRobot(await assertion(claims()))).status)
  })

  test('shown twice', async () => {
    const proof = await assertion()
    expect((await asRobot(proof)).status).toBe(200)
    expect((await asRobot(proof)).status).toBeGreaterThanOrEqual(400)
  })

  test('shown 10 times at once, one goes', async () => {
    const proof = await assertion()
    const answers = await Promise.all(Array.from({ length: 10 }, () => asRobot(proof)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('A40: keys are fetched from no address of this machine or network', async () => {
    let connections = 0
    const canary = createServer(() => undefined).on('connection', (socket) => {
      connections += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    const { port } = canary.address() as AddressInfo
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '169.254.169.254', '[::1]', 'intranet']) {
      await scene.server.store.clients.save('reaching', 'operator', {
        ...ROBOT,
        client_id: 'reaching',
        jwks_uri: `https://${host}/jwks`,
      })
      const proof = await assertion({ iss: 'reaching', sub: 'reaching' })
      expect([400, 401]).toContain((await asRobot(proof)).status)
    }
    expect(connections).toBe(0)
    canary.close()
  })

  test('signed by another key, or by none', async () => {
    const other = (await generateKeyPair('ES256')) as webcrypto.CryptoKeyPair
    expect((await asRobot(await assertion({}, other.privateKey))).status).toBe(401)
    const [, claims] = (await assertion()).split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`
    expect([400, 401]).toContain((await asRobot(none)).status)
  })
})

describe('XDP-05: DPoP', () => {
  async function proof(claims: Readonly<Record<string, unknown>> = {}): Promise<Record<string, string>> {
    const usual = {
      htm: 'POST',
      htu: `${scene.origin}/token`,
      iat: Math.floor(Date.now() / 1_000),
      jti: randomUUID(),
    }
    const signed = new SignJWT({ ...usual, ...claims }).setProtectedHeader({
      alg: 'ES256',
      typ: 'dpop+jwt',
      jwk,
    })
    return { dpop: await signed.sign(keys.privateKey) }
  }

  async function newCode(clientId: string) {
    const { verifier, challenge } = pkce()
    const { params } = await authorize(scene, {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: REDIRECT,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    return {
      code: params.get('code') ?? '',
      code_verifier: verifier,
      redirect_uri: REDIRECT,
      client_id: clientId,
    }
  }

  const exchange = async (form: Readonly<Record<string, string>>, headers: Record<string, string>) =>
    postForm(`${scene.origin}/token`, { grant_type: 'authorization_code', ...form }, headers)

  test('the token is bound to the key, and so is the refresh token of a public client', async () => {
    const clientId = String((await register(scene)).json['client_id'])
    const { json } = await exchange(await newCode(clientId), await proof())
    expect(json['token_type']).toBe('DPoP')
    const claims = JSON.parse(
      Buffer.from(String(json['access_token']).split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(claims.cnf).toEqual({ jkt: await calculateJwkThumbprint(jwk) })
    const form = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(json['refresh_token']),
    }
    expect((await postForm(`${scene.origin}/token`, form)).status).toBe(400)
    expect((await postForm(`${scene.origin}/token`, form, await proof())).json['token_type']).toBe('DPoP')
  })

  test('a client that says so must', async () => {
    const clientId = String((await register(scene, { dpop_bound_access_tokens: true })).json['client_id'])
    const { code, code_verifier: verifier } = await newCode(clientId)
    expect((await redeem(scene, { clientId, code, verifier })).status).toBe(400)
  })

  test.each([
    ['for another endpoint', { htu: 'https://other.example/token' }],
    ['for another method', { htm: 'GET' }],
    ['of long ago', { iat: 1_000 }],
    ['without a name', { jti: undefined }],
  ])('a proof %s', async (_what, claims) => {
    const clientId = String((await register(scene)).json['client_id'])
    const answer = await exchange(await newCode(clientId), await proof(claims))
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
  })

  test('a proof shown twice', async () => {
    const clientId = String((await register(scene)).json['client_id'])
    const shown = await proof()
    expect((await exchange(await newCode(clientId), shown)).status).toBe(200)
    expect((await exchange(await newCode(clientId), shown)).status).toBe(400)
  })
})
