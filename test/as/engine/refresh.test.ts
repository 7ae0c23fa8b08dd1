// Refresh tokens: rotation, reuse, the grace for a client that races itself, scopes and resources.
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { authorize, createScene, pkce, REDIRECT, redeem, refresh, type Scene, signIn } from './scene.ts'
import { expectError, isRevoked, later, newClient } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

const RACE = 20

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
    expect([
      await isRevoked(scene, accessToken),
      await isRevoked(scene, answer.json['access_token']),
    ]).toEqual([true, true])
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
    expectError(await refresh(scene, await newClient(scene), refreshToken), 400, 'invalid_grant')
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

describe('A18: what a person may have is asked again at each refresh', () => {
  const WIDE = 'notes:read notes:write'
  const may = (allowed: readonly string[] | undefined) => Object.assign(scene.script, { allowed })
  afterEach(() => may(undefined))

  interface Case {
    readonly name: string
    /** What the person may have by now. */
    readonly allowed: readonly string[]
    /** What the refresh asks for. */
    readonly scope?: string
    /** The scopes of the answer, or its error. */
    readonly expected: string
  }
  const cases: readonly Case[] = [
    { name: 'less', allowed: ['notes:read'], expected: 'notes:read' },
    { name: 'as much, and more beside it', allowed: [...WIDE.split(' '), 'notes:admin'], expected: WIDE },
    { name: 'something else', allowed: ['notes:admin'], expected: 'invalid_grant' },
    { name: 'nothing', allowed: [], expected: 'invalid_grant' },
    { name: 'less than it asks for', allowed: ['notes:read'], scope: WIDE, expected: 'notes:read' },
    {
      name: 'nothing of what it asks for',
      allowed: ['notes:read'],
      scope: 'notes:write',
      expected: 'invalid_scope',
    },
  ]
  test.each(cases)('$name: $expected', async ({ allowed, scope, expected }) => {
    const { clientId, refreshToken } = await signIn(scene, { scope: WIDE })
    may(allowed)
    const answer = await refresh(scene, clientId, refreshToken, scope === undefined ? {} : { scope })
    expect(answer.json['error'] ?? answer.json['scope']).toBe(expected)
    if (answer.status === 200) expect(decodeJwt(String(answer.json['access_token']))['scope']).toBe(expected)
    may(undefined)
    const next = String(answer.json['refresh_token'] ?? refreshToken) // a refusal has used nothing up
    expect((await refresh(scene, clientId, next)).json['scope']).toBe(WIDE)
  })

  test('the same for a code that was given out before', async () => {
    const clientId = await newClient(scene)
    const { verifier, challenge } = pkce()
    const { params } = await authorize(scene, {
      ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT, scope: WIDE },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    })
    const code = String(params.get('code'))
    may([])
    expectError(await redeem(scene, { clientId, code, verifier }), 400, 'invalid_grant')
    may(['notes:write'])
    expect((await redeem(scene, { clientId, code, verifier })).json['scope']).toBe('notes:write')
  })
})
