// The token endpoint of the development issuer: each grant once as it should be, then every way it is refused.
import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  codeForm,
  type Form,
  ISSUER,
  type Issuer,
  type Json,
  login,
  openIssuer,
  RESOURCE,
  STANDING,
} from './support.ts'

let issuer: Issuer
beforeEach(async () => {
  issuer = await openIssuer()
})

async function ask(
  form: Form | URLSearchParams,
  headers: Form = {},
): Promise<{ status: number; body: Json }> {
  const response = await issuer.post('/token', form, headers)
  return { status: response.status, body: (await response.json()) as Json }
}

async function refused(form: Form | URLSearchParams, error: string, headers: Form = {}): Promise<void> {
  const { status, body } = await ask(form, headers)
  expect([status, body['error']]).toEqual([error === 'invalid_client' ? 401 : 400, error])
}

describe('authorization_code', () => {
  test('RFC 8707, RFC 9068: the token is bound to the resource, the client and the user', async () => {
    const { clientId, form } = await login(issuer)
    const { status, body } = await ask({ ...form, resource: RESOURCE })
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'mcp:use',
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      iss: ISSUER,
      sub: 'dev-user',
      aud: RESOURCE,
      client_id: clientId,
      scope: 'mcp:use',
    })
  })

  test('a client that did not register refresh_token gets none', async () => {
    const { form } = await login(issuer, ['authorization_code'])
    expect((await ask(form)).body).not.toHaveProperty('refresh_token')
  })

  test('A10: a code works once', async () => {
    const { form } = await login(issuer)
    expect((await ask(form)).status).toBe(200)
    await refused(form, 'invalid_grant')
  })

  test('A12: of twenty redemptions at once, one succeeds', async () => {
    const { form } = await login(issuer)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(form)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('AS-09: a code lives a minute', async () => {
    const { form } = await login(issuer)
    issuer.advance(60)
    await refused(form, 'invalid_grant')
  })

  test.each<[string, Form, string]>([
    ['A08: no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['A09: a short verifier', { code_verifier: 'v'.repeat(42) }, 'invalid_grant'],
    ['A09: a long verifier', { code_verifier: 'v'.repeat(129) }, 'invalid_grant'],
    ['another verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant'],
    ['A13: another redirect_uri', { redirect_uri: 'http://127.0.0.1:6000/cb' }, 'invalid_grant'],
    ['A14: another resource', { resource: 'http://127.0.0.1:8080/other' }, 'invalid_target'],
    ['A11: a wrong code', { code: 'x' }, 'invalid_grant'],
    ['no code', { code: '' }, 'invalid_grant'],
  ])('%s is refused and does not burn the code', async (_, changes, error) => {
    const { form } = await login(issuer)
    await refused({ ...form, ...changes }, error)
    expect((await ask(form)).status).toBe(200)
  })

  test('A13: another client cannot redeem the code', async () => {
    const { code } = await login(issuer)
    const other = await issuer.register()
    await refused(codeForm(String(other.body['client_id']), code), 'invalid_grant')
  })
})

describe('refresh_token', () => {
  async function refreshable() {
    const { clientId, form } = await login(issuer)
    const { body } = await ask(form)
    return { grant_type: 'refresh_token', client_id: clientId, refresh_token: String(body['refresh_token']) }
  }

  test('A15: rotates, and the old one is spent', async () => {
    const form = await refreshable()
    const { status, body } = await ask(form)
    expect([status, body['scope']]).toEqual([200, 'mcp:use'])
    expect(body['refresh_token']).not.toBe(form.refresh_token)
    await refused(form, 'invalid_grant')
  })

  test.each<[string, Form, string]>([
    ['A18: a wider scope', { scope: 'mcp:use admin' }, 'invalid_scope'],
    ['A14: another resource', { resource: 'http://127.0.0.1:8080/other' }, 'invalid_target'],
    ['an unknown token', { refresh_token: 'x' }, 'invalid_grant'],
  ])('%s is refused and does not spend the token', async (_, changes, error) => {
    const form = await refreshable()
    await refused({ ...form, ...changes }, error)
    expect((await ask(form)).status).toBe(200)
  })

  test('A17: of another client', async () => {
    const other = await issuer.register({ grant_types: ['authorization_code', 'refresh_token'] })
    const form = await refreshable()
    await refused({ ...form, client_id: String(other.body['client_id']) }, 'invalid_grant')
  })

  test('a day later it is gone', async () => {
    const form = await refreshable()
    issuer.advance(24 * 60 * 60)
    await refused(form, 'invalid_grant')
  })
})

describe('client_credentials', () => {
  const form = { grant_type: 'client_credentials', resource: RESOURCE, scope: 'a b' }

  test('the standing client gets a token in its own name', async () => {
    const { body } = await ask(form, STANDING)
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      sub: 'portcullis',
      aud: RESOURCE,
      scope: 'a b',
    })
    expect(body).not.toHaveProperty('refresh_token')
  })

  test('AS-05: a resource is needed', () => refused({ ...form, resource: '' }, 'invalid_target', STANDING))

  test('a malformed scope', () => refused({ ...form, scope: '\\' }, 'invalid_scope', STANDING))

  test('a public client has no credentials', async () => {
    const { body } = await issuer.register({ grant_types: ['client_credentials'], redirect_uris: [] })
    await refused({ ...form, client_id: String(body['client_id']) }, 'unauthorized_client')
  })
})

describe('every grant', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const form = { grant_type: 'client_credentials', resource: RESOURCE }

  test.each<[string, Form, Form]>([
    ['nobody', {}, {}],
    ['an unknown client', { client_id: 'x' }, {}],
    ['a wrong secret', {}, basic('portcullis:wrong')],
    ['no secret', { client_id: 'portcullis' }, {}],
    ['Basic and a body secret', { client_secret: 'dev-only' }, STANDING],
    ['Basic and another client_id', { client_id: 'x' }, STANDING],
    ['broken Basic', {}, { authorization: 'Basic !' }],
    ['a bad escape', {}, basic('portcullis:%zz')],
    ['another scheme', {}, { authorization: 'Bearer x' }],
  ])('A39: %s is invalid_client', (_, extra, headers) =>
    refused({ ...form, ...extra }, 'invalid_client', headers),
  )

  test('RFC 6749 §2.3.1: a confidential client may use either method', async () => {
    const grant_types = ['client_credentials']
    const { body } = await issuer.register({ grant_types, token_endpoint_auth_method: 'client_secret_post' })
    const [client_id, client_secret] = [String(body['client_id']), String(body['client_secret'])]
    expect((await ask({ ...form, client_id, client_secret })).status).toBe(200)
    expect((await ask(form, basic(`${client_id}:${client_secret}`))).status).toBe(200)
  })

  test.each(['password', 'urn:ietf:params:oauth:grant-type:token-exchange', ''])(
    'A44: %j is unsupported',
    (grant) => refused({ ...form, grant_type: grant }, 'unsupported_grant_type', STANDING),
  )

  test('a grant that was not registered', () =>
    refused({ grant_type: 'refresh_token', refresh_token: 'x' }, 'unauthorized_client', STANDING))

  test('A38: a repeated parameter', () => {
    const repeated = new URLSearchParams(form)
    repeated.append('grant_type', 'client_credentials')
    return refused(repeated, 'invalid_request', STANDING)
  })

  test.each(['application/json', 'text/plain', 'multipart/form-data'])('A38: a body of %s', (type) =>
    refused(form, 'invalid_request', { ...STANDING, 'content-type': type }),
  )
})
