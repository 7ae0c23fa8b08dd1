// Giving tokens back (RFC 7009) and asking about them (RFC 7662), signed ones too.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  createScene,
  postForm,
  REDIRECT,
  redeem,
  refresh,
  register,
  type Scene,
  type Session,
  signIn,
} from './scene.ts'
import { newCode } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
  await scene.server.store.clients.save('resource-server', 'operator', {
    client_id: 'resource-server',
    client_secret: 'its secret',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  })
})
afterAll(() => scene.stop())

const SERVER = { authorization: `Basic ${btoa('resource-server:its+secret')}` }

function introspect(token: string, headers: Record<string, string> = SERVER, form = {}): Promise<Answer> {
  return postForm(`${scene.origin}/introspect`, { token, ...form }, headers)
}

function revoke({ clientId }: Session, token: string, form = {}): Promise<Answer> {
  return postForm(`${scene.origin}/revoke`, { token, client_id: clientId, ...form })
}

describe('RFC 7662: asking', () => {
  test('H1: a signed access token, by a server of the operator', async () => {
    const { accessToken, clientId } = await signIn(scene)
    expect((await introspect(accessToken)).json).toMatchObject({
      active: true,
      sub: 'ada',
      client_id: clientId,
      aud: scene.resource,
      iss: scene.origin,
      scope: 'notes:read',
      token_type: 'Bearer',
    })
  })

  test('a refresh token', async () => {
    const { refreshToken } = await signIn(scene)
    expect((await introspect(refreshToken)).json['active']).toBe(true)
  })

  test.each([
    ['garbage', () => 'x.y.z'],
    ['nothing like it', () => 'opaque'],
    ['a changed token', (token: string) => `${token.slice(0, -6)}AAAAAA`],
    ['an unsigned one', (token: string) => `${token.split('.').slice(0, 2).join('.')}.`],
  ])('%s is inactive', async (_what, of) => {
    const { accessToken } = await signIn(scene)
    expect((await introspect(of(accessToken))).json).toEqual({ active: false })
  })

  test('I28: a client that registered itself may not go fishing, but may ask about its own', async () => {
    const withSecret = async () => {
      const { json } = await register(scene, { token_endpoint_auth_method: 'client_secret_post' })
      return { client_id: String(json['client_id']), client_secret: String(json['client_secret']) }
    }
    const [own, stranger] = [await withSecret(), await withSecret()]
    const code = await newCode(scene, own.client_id)
    const token = String(
      (await redeem(scene, { ...code, client_secret: own.client_secret })).json['access_token'],
    )
    expect((await introspect(token, {}, stranger)).json).toEqual({ active: false })
    expect((await introspect(token, {}, own)).json['active']).toBe(true)
    expect((await introspect(token, {})).status).toBe(401)
  })

  test('I28, RFC 7662 §2.1: nor one without a secret that the operator made', async () => {
    await scene.server.store.clients.save('no-secret', 'operator', {
      client_id: 'no-secret',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
    })
    const { accessToken } = await signIn(scene)
    expect((await introspect(accessToken, {}, { client_id: 'no-secret' })).status).toBe(401)
  })
})

describe('RFC 7009: giving back', () => {
  test.each(['accessToken', 'refreshToken'] as const)(
    'H13, H18: the %s ends the whole grant',
    async (which) => {
      const session = await signIn(scene)
      expect((await revoke(session, session[which])).status).toBe(200)
      expect((await introspect(session.accessToken)).json).toEqual({ active: false })
      expect((await introspect(session.refreshToken)).json).toEqual({ active: false })
      expect((await refresh(scene, session.clientId, session.refreshToken)).json['error']).toBe(
        'invalid_grant',
      )
      expect(scene.events).toContainEqual(
        expect.objectContaining({ event: 'revoked', client: session.clientId }),
      )
    },
  )

  test.each(['foo', 'refresh_token', 'access_token'])('H13: the hint %s does not matter', async (hint) => {
    const session = await signIn(scene)
    expect((await revoke(session, session.accessToken, { token_type_hint: hint })).status).toBe(200)
    expect((await introspect(session.accessToken)).json).toEqual({ active: false })
  })

  test('a token of somebody else is left alone', async () => {
    const session = await signIn(scene)
    const stranger = { ...session, clientId: String((await register(scene)).json['client_id']) }
    await revoke(stranger, session.accessToken)
    expect((await introspect(session.accessToken)).json['active']).toBe(true)
  })

  test('what is no token is fine', async () => {
    const session = await signIn(scene)
    for (const token of ['x', 'x.y.z']) expect((await revoke(session, token)).status).toBe(200)
  })

  test('an operator ends a grant', async () => {
    const session = await signIn(scene)
    const claims = JSON.parse(Buffer.from(session.accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(await scene.server.store.grants.revoke(claims.grant_id)).toBe(true)
    expect(await scene.server.isRevoked(claims)).toBe(true)
    expect(await scene.server.store.grants.revoke(claims.grant_id)).toBe(false)
  })
})
