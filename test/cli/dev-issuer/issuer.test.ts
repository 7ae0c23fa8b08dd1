// The development issuer as a whole: metadata, keys, who may talk to it, registration, introspection.
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mintToken } from '../../../src/cli/dev-issuer/mint.ts'
import { type Issuer, type Json, login, newKey, openIssuer, REDIRECT, RESOURCE, STANDING } from './support.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await openIssuer()
})
afterAll(() => issuer.close())

describe('metadata and keys', () => {
  test.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])(
    'META-01, META-04, AS-06: %s names the issuer, S256 and iss',
    async (path) => {
      expect(await (await issuer.ask(path)).json()).toMatchObject({
        issuer: issuer.origin,
        authorization_endpoint: `${issuer.origin}/authorize`,
        token_endpoint: `${issuer.origin}/token`,
        registration_endpoint: `${issuer.origin}/register`,
        jwks_uri: `${issuer.origin}/jwks`,
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
    },
  )

  test('A49: the JWKS has public members only', async () => {
    const { keys } = (await (await issuer.ask('/jwks')).json()) as { keys: Json[] }
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    ])
  })
})

describe('who may talk to it', () => {
  /** `fetch` sets Host itself. */
  async function askAs(headers: Readonly<Record<string, string>>, path: string) {
    const [response] = await once(get(issuer.origin + path, { headers }), 'response')
    return (response as IncomingMessage).resume()
  }

  test.each([
    ['A48: a foreign host', { host: 'evil.example' }],
    ['K09: a rebound host', { host: '127.0.0.1.evil.example:9000' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['A52: an opaque origin', { origin: 'null' }],
  ])('%s is refused everywhere', async (_, headers) => {
    for (const path of ['/jwks', '/authorize', '/.well-known/oauth-authorization-server', '/device']) {
      const response = await askAs(headers, path)
      expect(response.statusCode).toBe(403)
      expect(response.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('a loopback page gets CORS, with a preflight', async () => {
    const origin = 'http://localhost:6274'
    const response = await issuer.ask('/token', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-headers': 'mcp-protocol-version' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-headers')).toBe('mcp-protocol-version')
  })

  test('nothing is stored by caches, and the log has no query', async () => {
    issuer.lines.length = 0
    const response = await issuer.ask('/authorize?code=secret')
    expect(response.headers.get('cache-control')).toBe('no-store')
    await vi.waitFor(() => expect(issuer.lines).toEqual(['GET /authorize 400']))
  })

  test('D: a body above 64 KiB is refused', async () => {
    const response = await issuer.post('/token', { grant_type: 'x'.repeat(70_000) })
    expect(response.status).toBe(413)
  })
})

describe('registration (RFC 7591)', () => {
  test('a public client gets no secret', async () => {
    const { status, body } = await issuer.register({ client_name: 'x', grant_types: ['authorization_code'] })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      client_id: expect.any(String),
      token_endpoint_auth_method: 'none',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    })
    expect(body).not.toHaveProperty('client_secret')
  })

  test('a confidential client gets one', async () => {
    const { body } = await issuer.register({ token_endpoint_auth_method: 'client_secret_post' })
    expect(body).toMatchObject({
      client_secret: expect.stringMatching(/^[\w-]{43,}$/),
      client_secret_expires_at: 0,
    })
  })

  const uris = (...list: unknown[]) => ({ redirect_uris: list })
  test.each([
    ['A03: https elsewhere', uris('https://c.example/cb'), 'invalid_redirect_uri'],
    ['A03: http elsewhere', uris('http://c.example/cb'), 'invalid_redirect_uri'],
    ['A03: javascript', uris('javascript:alert(1)'), 'invalid_redirect_uri'],
    ['A03: a custom scheme', uris('myapp:/cb'), 'invalid_redirect_uri'],
    ['A02: a loopback look-alike', uris('http://127.0.0.1.evil/cb'), 'invalid_redirect_uri'],
    ['A01: user info', uris('http://127.0.0.1@evil/cb'), 'invalid_redirect_uri'],
    ['A01: a fragment', uris('http://127.0.0.1/cb#x'), 'invalid_redirect_uri'],
    ['A36: none', uris(), 'invalid_redirect_uri'],
    ['A03: one of two elsewhere', uris(REDIRECT, 'https://c.example/cb'), 'invalid_redirect_uri'],
    ['A36: no list', { redirect_uris: REDIRECT }, 'invalid_client_metadata'],
    ['A36: a grant for operators', { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
  ])('%s is refused', async (_, metadata, error) => {
    const { status, body } = await issuer.register(metadata)
    expect([status, body['error']]).toEqual([400, error])
  })

  test('A03: nor is a change of a registration', async () => {
    const { body: made } = await issuer.register()
    const { registration_access_token: token, registration_client_uri: uri } = made
    const path = new URL(String(uri)).pathname
    const change = (redirectUri: string) => {
      const { client_id } = made
      const metadata = { client_id, redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }
      return issuer.send('PUT', path, metadata, { authorization: `Bearer ${token}` })
    }
    const elsewhere = await change('https://c.example/cb')
    expect([elsewhere.status, elsewhere.body['error']]).toEqual([400, 'invalid_redirect_uri'])
    expect((await change(`${REDIRECT}/other`)).status).toBe(200)
  })

  test.each(['', 'null', '[]', '"x"', '{', '{}'])('A36: the body %j is refused', async (text) => {
    const headers = { 'content-type': 'application/json' }
    const response = await issuer.ask('/register', { method: 'POST', body: text, headers })
    expect(response.status).toBe(400)
  })

  test('A36: a body above 64 KiB is refused', async () => {
    expect((await issuer.register({ client_name: 'x'.repeat(70_000) })).status).toBe(413)
  })
})

describe('introspection (RFC 7662)', () => {
  const introspect = async (text: string) =>
    (await issuer.post('/introspect', { token: text }, STANDING)).json() as Promise<Json>

  test('a live token is told, an expired or foreign one is inactive', async () => {
    const request = {
      issuer: issuer.origin,
      subject: 'ann',
      clientId: 'c',
      audience: [RESOURCE],
      scopes: ['a'],
      ttlSeconds: 600,
    }
    const token = await mintToken(issuer.key, request, Date.now())
    expect(await introspect(token)).toMatchObject({ active: true, sub: 'ann', aud: RESOURCE, scope: 'a' })
    const foreign = await mintToken(issuer.key, { ...request, issuer: 'http://other' }, Date.now())
    expect(await introspect(foreign)).toEqual({ active: false })
    expect(await introspect(await mintToken(await newKey(), request, Date.now()))).toEqual({ active: false })
    expect(await introspect('opaque')).toEqual({ active: false })
    const expired = await mintToken(issuer.key, request, Date.now() - 601_000)
    expect(await introspect(expired)).toEqual({ active: false })
  })

  test('a token that the issuer gave itself is told too', async () => {
    const { form } = await login(issuer)
    const { access_token: token } = (await (await issuer.post('/token', form)).json()) as Json
    const told = await introspect(String(token))
    expect(told).toMatchObject({ active: true, sub: 'dev-user', aud: RESOURCE, scope: 'mcp:use' })
  })

  test('A39: the caller proves itself; a public client cannot ask', async () => {
    const { body } = await issuer.register()
    const anonymous = await issuer.post('/introspect', { token: 'x' })
    expect(anonymous.status).toBe(401)
    const open = await issuer.post('/introspect', { token: 'x', client_id: String(body['client_id']) })
    expect(open.status).toBe(401)
  })

  test('A38: a repeated token is refused', async () => {
    const form = new URLSearchParams('token=a&token=b')
    expect((await issuer.post('/introspect', form, STANDING)).status).toBe(400)
  })
})
