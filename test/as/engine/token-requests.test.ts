// Requests to the token endpoint that are none, and clients that prove themselves with a secret.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overWire } from '../../support/wire.ts'
import { databaseOf } from '../support/database.ts'
import { ask, createScene, postForm, register, type Scene, signIn } from './scene.ts'
import { expectError, newClient } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterAll(() => scene.stop())

const url = () => `${scene.origin}/token`

describe('A38: what is no token request', () => {
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

  test('D12 a body without end, and the next request of its connection', async () => {
    const { origin, host, pathname } = new URL(url())
    const sent = (length: number) =>
      `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${FORM['content-type']}\r\nContent-Length: ${length}\r\n\r\n${'a'.repeat(length)}`
    const answers = await overWire(origin, sent(400_000) + sent(9), 2)
    expect(answers.map(({ status }) => status)).toEqual([413, 400])
  })

  test.each(['password', 'implicit', 'authorization_code token'])(
    'AS-01: there is no grant %s',
    async (grantType) => {
      const form = { username: 'ada', password: 'x', client_id: await newClient(scene) }
      expectError(await postForm(url(), { ...form, grant_type: grantType }), 400, 'unsupported_grant_type')
    },
  )
})

describe('A44, A45: grants that are not built', () => {
  /** Everything that is kept, but the time at which a client was used. */
  const kept = () =>
    ['artifacts', 'revocations', 'consents', 'single_use'].map((table) =>
      databaseOf(scene.server.store).prepare(`SELECT * FROM ${table}`).all(),
    )
  const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
  const ASSERTION = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const TYPE = 'urn:ietf:params:oauth:token-type:'
  const idJag = (claims: object) =>
    `${btoa('{"typ":"oauth-id-jag+jwt","alg":"ES256"}')}.${btoa(JSON.stringify(claims))}.x`

  test.each<[string, (token: string) => Record<string, string>]>([
    ['A44: as it is meant', (token) => ({ subject_token: token, subject_token_type: `${TYPE}access_token` })],
    ['A44: for another audience', (token) => ({ subject_token: token, audience: 'https://other.example' })],
    [
      'A44: for somebody else, without may_act',
      (token) => ({ subject_token: token, actor_token: token, actor_token_type: `${TYPE}access_token` }),
    ],
    ['A44: with a wider scope', (token) => ({ subject_token: token, scope: 'notes:read notes:admin' })],
    ['A44: through a connector', (token) => ({ subject_token: token, connector_id: 'github' })],
  ])('%s', async (_what, of) => {
    const { accessToken, clientId } = await signIn(scene)
    const before = kept()
    const answer = await postForm(url(), { grant_type: EXCHANGE, client_id: clientId, ...of(accessToken) })
    expectError(answer, 400, 'unsupported_grant_type')
    expect(kept()).toEqual(before)
  })

  test.each([
    ['A45: as it is meant', {}],
    ['A45: for two audiences', { aud: ['x', 'https://other.example'] }],
    ['A45: with authorization_details', { authorization_details: [{ type: 'x' }] }],
    ['A45: bound to a key', { cnf: { jkt: 'x' } }],
    ['A45: without a resource', { resource: undefined }],
  ])('%s', async (_what, claims) => {
    const clientId = await newClient(scene)
    const { origin, resource } = scene
    const usual = { iss: 'https://idp.example', sub: 'ada', aud: origin, client_id: clientId, resource }
    const before = kept()
    const form = { client_id: clientId, assertion: idJag({ ...usual, ...claims }) }
    expectError(await postForm(url(), { ...form, grant_type: ASSERTION }), 400, 'unsupported_grant_type')
    expect(kept()).toEqual(before)
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
