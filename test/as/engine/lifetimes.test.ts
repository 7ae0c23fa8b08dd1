// What the file says of codes, of the secrets of clients that register themselves, and of servers elsewhere that take the
// tokens.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ask, createScene, notesRoute, postForm, redeem, register, type Scene, signIn } from './scene.ts'
import { claimsOf, expectError, later, newClient, newCode } from './steps.ts'

const DAY = 86_400
const ELSEWHERE = 'https://other.example/mcp'
let scene: Scene
afterEach(async () => {
  vi.useRealTimers()
  await scene.stop()
})

const seconds = () => Math.floor(Date.now() / 1_000)

test.each([
  [20, 15, 200],
  [20, 25, 400],
  [120, 100, 200],
])('code_ttl of %i s, redeemed after %i s: %i', async (codeTtlSeconds, after, status) => {
  scene = await createScene({ settings: { codeTtlSeconds } })
  const code = await newCode(scene, await newClient(scene))
  later(after)
  expect((await redeem(scene, code)).status).toBe(status)
})

describe('client_secret_ttl', () => {
  const confidential = { token_endpoint_auth_method: 'client_secret_post' }
  const revokeAs = ({ client_id: id, client_secret: secret }: Record<string, unknown>) =>
    postForm(`${scene.origin}/revoke`, { client_id: String(id), client_secret: String(secret), token: 'x' })

  test('is told with the secret, and refused when it is over', async () => {
    scene = await createScene({ settings: { clientSecretTtlSeconds: 90 * DAY } })
    const { json, status } = await register(scene, confidential)
    expect(status).toBe(201)
    expect(Math.abs(Number(json['client_secret_expires_at']) - seconds() - 90 * DAY)).toBeLessThan(60)
    expect((await revokeAs(json)).status).toBe(200)
    later(90 * DAY + 120)
    expectError(await revokeAs(json), 400, 'invalid_client')
  })

  test('a change of the registration keeps the end', async () => {
    scene = await createScene({ settings: { clientSecretTtlSeconds: DAY } })
    const { json } = await register(scene, confidential)
    later(3_600)
    const headers = { authorization: `Bearer ${json['registration_access_token']}` }
    const read = await ask(String(json['registration_client_uri']), { headers })
    expect(read.json['client_secret_expires_at']).toBe(json['client_secret_expires_at'])
  })

  test.each([
    ['absent: as long as the client', undefined, confidential, 0],
    ['a public client has neither', DAY, {}, undefined],
  ])('%s', async (_name, clientSecretTtlSeconds, metadata, end) => {
    scene = await createScene({ settings: { clientSecretTtlSeconds } })
    const { json } = await register(scene, metadata)
    expect(json['client_secret_expires_at']).toBe(end)
  })
})

describe('a resource of another origin', () => {
  const open = () =>
    createScene({
      routes: (origin) => [
        notesRoute(origin),
        { resource: ELSEWHERE, audience: ELSEWHERE, baseline: ['x:read'], scopes: ['x:read', 'x:write'] },
      ],
    })

  test('its tokens name it alone, hold its scopes, and verify with our keys', async () => {
    scene = await open()
    const { accessToken, scope } = await signIn(scene, { resource: ELSEWHERE, scope: 'x:write notes:read' })
    expect(scope.split(' ')).toEqual(['x:write'])
    const keys = createRemoteJWKSet(new URL(`${scene.origin}/jwks`))
    const { payload } = await jwtVerify(accessToken, keys, { issuer: scene.origin, audience: ELSEWHERE })
    expect(payload.aud).toBe(ELSEWHERE)
    expect(claimsOf(accessToken)['scope']).toBe('x:write')
  })

  test('it may ask about them, as a client that the operator made', async () => {
    scene = await open()
    await scene.server.store.clients.save('other-server', 'operator', {
      ...{ client_id: 'other-server', client_secret: 'its-secret', redirect_uris: [], response_types: [] },
      ...{ grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_post' },
    })
    const { accessToken } = await signIn(scene, { resource: ELSEWHERE })
    const client = { client_id: 'other-server', client_secret: 'its-secret' }
    const asked = await postForm(`${scene.origin}/introspect`, { ...client, token: accessToken })
    expect(asked.json).toMatchObject({ active: true, aud: ELSEWHERE, scope: 'x:read', sub: 'ada' })
  })

  test('one that is not named is refused', async () => {
    scene = await open()
    expect((await newCode(scene, await newClient(scene), ELSEWHERE)).code).not.toBe('')
    expect((await newCode(scene, await newClient(scene), 'https://third.example/mcp')).code).toBe('')
  })
})
