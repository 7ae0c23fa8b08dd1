// Codes at the token endpoint: used once, by whom and for what they were given.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createScene,
  notesRoute,
  postForm,
  REDIRECT,
  redeem,
  refresh,
  register,
  type Scene,
  signIn,
} from './scene.ts'
import { claimsOf, expectError, isRevoked, later, newClient, newCode } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

const RACE = 20

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

  test('A10, H18: used twice after the grace, and what came of the first use ends', async () => {
    const code = await newCode(scene, await newClient(scene))
    const firstUse = await redeem(scene, code)
    expect(firstUse.status).toBe(200)
    later(11) // past the grace
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    expect(await isRevoked(scene, firstUse.json['access_token'])).toBe(true)
    const next = await refresh(scene, code.clientId, String(firstUse.json['refresh_token']))
    expectError(next, 400, 'invalid_grant')
    expect(scene.events).toContainEqual(
      expect.objectContaining({ event: 'code_replayed', client: code.clientId }),
    )
  })

  test('A11: a replay that proves nothing ends nothing', async () => {
    const code = await newCode(scene, await newClient(scene))
    const firstUse = await redeem(scene, code)
    expectError(await redeem(scene, { ...code, verifier: 'x'.repeat(43) }), 400, 'invalid_grant')
    expectError(await redeem(scene, { ...code, clientId: await newClient(scene) }), 400, 'invalid_grant')
    for (const like of [`${code.code}GARBAGE`, `${code.code.slice(0, 30)}GARBAGE`, `ada:${code.code}:x`])
      expectError(await redeem(scene, { ...code, code: like }), 400, 'invalid_grant')
    expect(await isRevoked(scene, firstUse.json['access_token'])).toBe(false)
    expect((await refresh(scene, code.clientId, String(firstUse.json['refresh_token']))).status).toBe(200)
  })

  test(`A12: of ${RACE} at once exactly one`, async () => {
    const code = await newCode(scene, await newClient(scene))
    const answers = await Promise.all(Array.from({ length: RACE }, () => redeem(scene, code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.map(({ json }) => json['error']))).toEqual(new Set([undefined, 'invalid_grant']))
  })

  test('A13: bound to client and redirect address', async () => {
    const code = await newCode(scene, await newClient(scene))
    expectError(await redeem(scene, { ...code, clientId: await newClient(scene) }), 400, 'invalid_grant')
    const elsewhere = await redeem(scene, { ...code, redirect_uri: 'http://127.0.0.1:1/callback' })
    expectError(elsewhere, 400, 'invalid_grant')
    expect((await redeem(scene, code)).status).toBe(200)
  })

  test('AS-09: a code lives for a minute', async () => {
    const code = await newCode(scene, await newClient(scene))
    later(61)
    expectError(await redeem(scene, code), 400, 'invalid_grant')
  })

  test('A14, H7: another resource is refused, and the code is not used up', async () => {
    const code = await newCode(scene, await newClient(scene))
    const wrong = await redeem(scene, { ...code, resource: 'https://other.example/mcp' })
    expectError(wrong, 400, 'invalid_target')
    expect((await redeem(scene, { ...code, resource: scene.resource })).status).toBe(200)
  })

  test('H10: without resource it inherits the one of the code; written loosely it is the same', async () => {
    expect((await redeem(scene, await newCode(scene, await newClient(scene), scene.resource))).status).toBe(
      200,
    )
    const code = await newCode(scene, await newClient(scene), scene.resource)
    expect((await redeem(scene, { ...code, resource: `${scene.resource}/` })).status).toBe(200)
  })

  test('A14: two resources at the token endpoint, and the code is not used up', async () => {
    const { clientId, code, verifier } = await newCode(scene, await newClient(scene))
    const form = new URLSearchParams({ grant_type: 'authorization_code', client_id: clientId, code })
    for (const [name, value] of Object.entries({ redirect_uri: REDIRECT, code_verifier: verifier }))
      form.set(name, value)
    for (const resource of [scene.resource, `${scene.origin}/b/mcp`]) form.append('resource', resource)
    expectError(await postForm(`${scene.origin}/token`, form), 400, 'invalid_target')
    expect((await redeem(scene, { clientId, code, verifier })).status).toBe(200)
  })

  test('A14: two routes, the other one at the token endpoint, for the code and for the refresh token', async () => {
    const two = await createScene({ routes: (origin) => [notesRoute(origin), notesRoute(origin, '/b/mcp')] })
    const other = { resource: `${two.origin}/notes/mcp` }
    const code = await newCode(two, await newClient(two), `${two.origin}/b/mcp`)
    expectError(await redeem(two, { ...code, ...other }), 400, 'invalid_target')
    const { json } = await redeem(two, code)
    const token = String(json['refresh_token'])
    expectError(await refresh(two, code.clientId, token, other), 400, 'invalid_target')
    const renewed = await refresh(two, code.clientId, token)
    for (const answer of [json, renewed.json])
      expect(claimsOf(answer['access_token'])['aud']).toBe(`${two.origin}/b/mcp`)
    await two.stop()
  })

  test('a person who is gone gets no token', async () => {
    const code = await newCode(scene, await newClient(scene))
    Object.assign(scene.script, { gone: ['ada'] })
    expectError(await redeem(scene, code), 400, 'invalid_grant')
    delete (scene.script as { gone?: unknown }).gone
  })

  test('refresh tokens go to clients that registered the grant', async () => {
    const app = await register(scene, { grant_types: ['authorization_code'] })
    const answer = await redeem(scene, await newCode(scene, String(app.json['client_id'])))
    expect(answer.status).toBe(200)
    expect(answer.json).not.toHaveProperty('refresh_token')
  })
})
