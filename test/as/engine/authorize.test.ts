// The authorization endpoint: scopes, and what comes back to the client.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asked, begin, type Changes, expectTold } from './request-context.ts'
import { authorize, createScene, pkce, redeem, register, type Scene } from './scene.ts'
import type { Script } from './scripted-people.ts'

let scene: Scene
let clientId: string
const seen: NonNullable<Script['asked']> = []
beforeAll(async () => {
  scene = await createScene({ script: { asked: seen } })
  clientId = String((await register(scene)).json['client_id'])
})
beforeEach(() => {
  seen.length = 0
  scene.script.answer = 'approve'
  delete (scene.script as { allowed?: unknown }).allowed
})
afterAll(() => scene.stop())

const { verifier, challenge } = pkce()
const usual = (changes: Changes = {}) => asked(clientId, challenge, changes)

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
    await expectTold(scene, usual({ scope: 'notes:admin' }), 'access_denied')
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
    await expectTold(scene, usual(), 'access_denied')
  })

  test('prompt=consent is understood, prompt=none without a session is not enough (A53)', async () => {
    const { params } = await authorize(scene, usual({ prompt: 'consent' }))
    expect(params.has('code')).toBe(true)
    await expectTold(scene, usual({ prompt: 'none' }), 'login_required')
  })

  test.each(['token', 'id_token', 'code id_token', 'none'])('AS-01: response_type %s', async (type) => {
    await expectTold(scene, usual({ response_type: type, nonce: 'n' }), 'unsupported_response_type')
  })

  test('A06: every redirect is a 303, so no form goes along', async () => {
    const answer = await begin(scene, usual())
    expect(answer.status).toBe(303)
  })
})

test('A34: a program on the machine is asked for again, whatever was remembered; a web client is not', async () => {
  scene.script.remembers = true
  const web = String((await register(scene, { redirect_uris: ['https://c.example/cb'] })).json['client_id'])
  await authorize(scene, usual({ client_id: web, redirect_uri: 'https://c.example/cb' }))
  expect(seen).toHaveLength(0)
  await authorize(scene, usual())
  expect(seen).toHaveLength(1)
  scene.script.remembers = false
})
