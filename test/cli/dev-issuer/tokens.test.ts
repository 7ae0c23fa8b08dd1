// Tokens of the development issuer: what each grant gives. How each is refused is the engine's (test/as/engine).
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  codeForm,
  type Form,
  type Issuer,
  type Json,
  login,
  loginQuery,
  openIssuer,
  RESOURCE,
  STANDING,
} from './support.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await openIssuer()
})
afterAll(() => issuer.close())

async function ask(form: Form, headers: Form = {}): Promise<{ status: number; body: Json }> {
  const response = await issuer.post('/token', form, headers)
  return { status: response.status, body: (await response.json()) as Json }
}

async function refused(form: Form, status: number, error: string, headers: Form = {}): Promise<void> {
  const answer = await ask(form, headers)
  expect([answer.status, answer.body['error']]).toEqual([status, error])
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
      iss: issuer.origin,
      sub: 'dev-user',
      aud: RESOURCE,
      client_id: clientId,
      scope: 'mcp:use',
    })
  })

  test('AS-08: for a route without scopes', async () => {
    const { body: client } = await issuer.register()
    const id = String(client['client_id'])
    const { scope: _none, ...query } = loginQuery(id)
    const location = (await issuer.authorize(query)).headers.get('location') ?? ''
    const { status, body } = await ask(codeForm(id, new URL(location).searchParams.get('code') ?? ''))
    expect(status).toBe(200)
    expect(decodeJwt(String(body['access_token']))['aud']).toBe(RESOURCE)
  })

  test('a client that did not register refresh_token gets none', async () => {
    const { form } = await login(issuer, ['authorization_code'])
    expect((await ask(form)).body).not.toHaveProperty('refresh_token')
  })

  test('A12: of twenty redemptions at once, one succeeds', async () => {
    const { form } = await login(issuer)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(form)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test.each<[string, Form, string]>([
    ['another verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant'],
    ['A13: another redirect_uri', { redirect_uri: 'http://127.0.0.1:6000/cb' }, 'invalid_grant'],
    ['A14: another resource', { resource: 'http://127.0.0.1:8080/other' }, 'invalid_target'],
  ])('%s is refused and does not burn the code', async (_, changes, error) => {
    const { form } = await login(issuer)
    await refused({ ...form, ...changes }, 400, error)
    expect((await ask(form)).status).toBe(200)
  })
})

test('A15: a refresh token rotates, and the old one is spent', async () => {
  const { clientId, form } = await login(issuer)
  const { body: first } = await ask(form)
  const refresh = {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: String(first['refresh_token']),
  }
  const { status, body } = await ask(refresh)
  expect([status, body['scope']]).toEqual([200, 'mcp:use'])
  expect(body['refresh_token']).not.toBe(refresh.refresh_token)
  await refused(refresh, 400, 'invalid_grant')
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

  test('also without a scope', async () => {
    const { scope: _none, ...bare } = form
    const { body } = await ask(bare, STANDING)
    expect(decodeJwt(String(body['access_token']))).toMatchObject({ sub: 'portcullis', aud: RESOURCE })
  })

  test('AS-05: a resource is needed', () =>
    refused({ ...form, resource: '' }, 400, 'invalid_target', STANDING))

  const wrong = { authorization: `Basic ${Buffer.from('portcullis:wrong').toString('base64')}` }
  test.each<[string, Form, Form]>([
    ['a wrong secret', form, wrong],
    ['no secret', { ...form, client_id: 'portcullis' }, {}],
    ['an unknown client', { ...form, client_id: 'x' }, {}],
  ])('A39: %s is invalid_client', (_, sent, headers) => refused(sent, 401, 'invalid_client', headers))
})
