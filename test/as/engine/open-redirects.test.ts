// Errors of the authorization endpoint that would send a browser away before a person has done anything.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { asked, begin, type Changes, expectPage } from './request-context.ts'
import { createScene, pkce, REDIRECT, register, type Scene } from './scene.ts'

let scene: Scene
let app: string
beforeAll(async () => {
  scene = await createScene()
  app = String((await register(scene, { redirect_uris: [SITE, REDIRECT] })).json['client_id'])
  await scene.server.store.clients.save('desk', 'operator', {
    client_id: 'desk',
    redirect_uris: [SITE],
    token_endpoint_auth_method: 'none',
    response_types: ['code'],
  })
})
afterEach(() => {
  scene.script.remembers = false
})
afterAll(() => scene.stop())

const SITE = 'https://evil.example/cb'
const { challenge } = pkce()
const first = (changes: Changes) => begin(scene, asked(app, challenge, { redirect_uri: SITE, ...changes }))

const CASES: readonly (readonly [error: string, changes: Changes])[] = [
  ['login_required', { prompt: 'none' }],
  ['invalid_request', { prompt: 'none login' }],
  ['invalid_request', { code_challenge: undefined }],
  ['invalid_request', { code_challenge_method: 'plain' }],
  ['unsupported_response_type', { response_type: 'token' }],
  ['unsupported_response_type', { response_type: 'id_token', nonce: 'n' }],
  ['invalid_target', { resource: 'https://other.example/' }],
  ['request_not_supported', { request: 'x' }],
  ['invalid_request', { max_age: 'x' }],
]

test.each(CASES)('A65: %s is shown on a page, and no browser goes to a site: %o', async (error, changes) => {
  for (const mode of [undefined, 'query', 'fragment', 'form_post']) {
    const answer = await first({ ...changes, response_mode: mode })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.text).not.toContain('evil.example')
    if (mode === undefined) expectPage(answer, error)
  }
})

test('A65: a program on this device hears of it, since nobody is lured there', async () => {
  const answer = await first({ prompt: 'none', redirect_uri: REDIRECT })
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('login_required'),
  ])
})

test('A65: so does a client that the operator made', async () => {
  const answer = await begin(scene, asked('desk', challenge, { redirect_uri: SITE, prompt: 'none' }))
  expect(answer.headers.get('location')).toMatch(/^https:\/\/evil\.example\/cb\?error=login_required/)
})
