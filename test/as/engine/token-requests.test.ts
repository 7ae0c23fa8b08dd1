// Requests to the token endpoint that are none, and clients that prove themselves with a secret.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, createScene, postForm, register, type Scene } from './scene.ts'
import { expectError, newClient } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterAll(() => scene.stop())

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
    const answer = await postForm(url(), { grant_type: grantType, client_id: await newClient(scene) })
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
    expectError(await ask_({ client_id: await newClient(scene), client_secret: 'x' }), 401, 'invalid_client')
    expectError(await ask_({ client_id: 'nobody' }), 401, 'invalid_client')
  })
})
