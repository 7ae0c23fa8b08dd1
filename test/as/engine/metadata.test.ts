// What the server says of itself, at every form that a client may ask for, and that no request changes it.
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, createScene, notesRoute, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterAll(() => scene.stop())

const FORMS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server/',
  '/.well-known/openid-configuration/',
]

describe('the document', () => {
  test.each(FORMS)(
    'META-01, META-02, META-03, META-05: %s names exactly the issuer, and S256',
    async (path) => {
      const { status, json, headers } = await ask(scene.origin + path)
      expect(status).toBe(200)
      expect(json).toMatchObject({ issuer: scene.origin, code_challenge_methods_supported: ['S256'] })
      expect(headers.get('content-type')).toBe('application/json')
    },
  )

  test('AS-07, META-04, AS-06, XDP-05: everything that clients look for is there', async () => {
    const { json } = await ask(scene.origin + FORMS[0])
    expect(json).toMatchObject({
      authorization_endpoint: `${scene.origin}/authorize`,
      token_endpoint: `${scene.origin}/token`,
      jwks_uri: `${scene.origin}/jwks`,
      registration_endpoint: `${scene.origin}/register`,
      revocation_endpoint: `${scene.origin}/revoke`,
      introspection_endpoint: `${scene.origin}/introspect`,
      response_types_supported: ['code'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    })
    const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']
    expect(json['token_endpoint_auth_methods_supported']).toEqual(methods)
    expect(json['grant_types_supported']).toEqual([
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ])
    expect(json).not.toHaveProperty('authorization_grant_profiles_supported')
    expect(json['dpop_signing_alg_values_supported']).not.toContain('none')
    expect(json['token_endpoint_auth_signing_alg_values_supported']).toContain('ES256')
  })

  test('AS-07, Q-02: scopes of every route, and not offline_access, which SDKs would ask for with a page each time', async () => {
    const { json } = await ask(scene.origin + FORMS[0])
    const scopes = ['notes:read', 'notes:write', 'notes:admin', 'openid']
    expect(json['scopes_supported']).toEqual(scopes)
  })

  test('AS-02: every endpoint has the scheme of the issuer', async () => {
    const { json } = await ask(scene.origin + FORMS[0])
    const endpoints = Object.entries(json).filter(([name]) => /_(endpoint|uri)$/.test(name))
    expect(endpoints.length).toBeGreaterThan(6)
    for (const [, url] of endpoints) expect(String(url).startsWith(`${scene.origin}/`)).toBe(true)
  })

  test('META-07: what the TypeScript SDK asks of an OpenID document', async () => {
    const { json } = await ask(scene.origin + FORMS[1])
    expect(json).toMatchObject({
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
  })

  test('META-08: the resources it serves', async () => {
    const { json } = await ask(scene.origin + FORMS[0])
    expect(json['protected_resources']).toEqual([scene.resource])
  })

  test('META-02: forms of other issuers are not answered here', () => {
    expect(scene.server.answers('/.well-known/oauth-authorization-server/notes/mcp')).toBe(false)
    expect(scene.server.answers('/notes/mcp/.well-known/openid-configuration')).toBe(false)
  })

  test('DCR-01: without registration there is no endpoint for it', async () => {
    const closed = await createScene({ registration: { dynamic: false } })
    const { json } = await ask(closed.origin + FORMS[0])
    expect(json).not.toHaveProperty('registration_endpoint')
    const tried = await ask(`${closed.origin}/register`, { method: 'POST', body: '{}' })
    expect(tried.status).toBe(404)
    await closed.stop()
  })
})

describe('A48: nothing comes from the request', () => {
  test.each([
    ['host', 'evil.example'],
    ['x-forwarded-host', 'evil.example'],
    ['x-forwarded-proto', 'gopher'],
    ['forwarded', 'host=evil.example;proto=gopher'],
  ])('%s', async (name, value) => {
    const text = await raw('/.well-known/openid-configuration', { [name]: value })
    expect(text).not.toMatch(/evil|gopher/)
    const page = await raw('/authorize?client_id=x', { [name]: value })
    expect(page).not.toMatch(/evil|gopher/)
  })

  test('redirects inside the flow go to the configured origin', async () => {
    const text = await raw('/device', { host: 'evil.example', 'x-forwarded-host': 'evil.example' })
    expect(text).toContain(`action="${scene.origin}/device"`)
  })

  function raw(path: string, headers: Record<string, string>): Promise<string> {
    const { hostname, port } = new URL(scene.origin)
    return new Promise((resolve, reject) => {
      request({ hostname, port, path, headers }, async (response) => {
        let text = JSON.stringify(response.headers)
        for await (const chunk of response) text += chunk
        resolve(text)
      })
        .on('error', reject)
        .end()
    })
  }
})

describe('META-09, A52: browsers', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'mcp-protocol-version',
    },
  }

  test.each([...FORMS, '/jwks', '/token', '/register', '/revoke', '/introspect'])(
    'A52: %s may be asked by any origin',
    async (path) => {
      const { status, headers } = await ask(scene.origin + path, preflight)
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-headers')).toBe('mcp-protocol-version')
      expect(headers.get('vary')).toContain('access-control-request-headers')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    },
  )

  test.each(['/token', '/register', '/jwks'])('%s gives an opaque origin nothing', async (path) => {
    const { headers } = await ask(scene.origin + path, { headers: { origin: 'null' } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each(['/token', '/register', '/revoke', '/introspect'])(
    'A52: %s names no origin back, and never takes cookies',
    async (path) => {
      for (const origin of ['https://evil.example', 'null']) {
        const { headers } = await ask(scene.origin + path, {
          method: 'POST',
          headers: { origin, cookie: 'a=b', 'content-type': 'application/x-www-form-urlencoded' },
          body: 'grant_type=x',
        })
        const allowed = headers.get('access-control-allow-origin')
        expect(allowed).toBe(origin === 'null' ? null : '*')
        expect(headers.get('access-control-allow-credentials')).toBeNull()
      }
    },
  )

  test('A52: an opaque origin that asks before it calls is granted nothing', async () => {
    const headers = { ...preflight.headers, origin: 'null' }
    const answer = await ask(`${scene.origin}/token`, { ...preflight, headers })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('access-control-allow-headers')).toBeNull()
  })

  test('pages are for nobody else', async () => {
    const { headers } = await ask(`${scene.origin}/authorize`, { headers: { origin: 'https://app.example' } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('A49: the key set holds public halves only', async () => {
  const { json } = await ask(`${scene.origin}/jwks`)
  const [key] = json['keys'] as Record<string, unknown>[]
  expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
})

test('A38: other methods are refused in OAuth words', async () => {
  for (const path of [FORMS[0], '/jwks']) {
    const { status, json } = await ask(scene.origin + path, { method: 'POST', body: '{}' })
    expect([status, json['error']]).toEqual([405, 'invalid_request'])
  }
})

test('several routes: each one is a protected resource', async () => {
  const two = await createScene({ routes: (origin) => [notesRoute(origin), notesRoute(origin, '/b/mcp')] })
  const { json } = await ask(two.origin + FORMS[0])
  expect(json['protected_resources']).toEqual([`${two.origin}/notes/mcp`, `${two.origin}/b/mcp`])
  await two.stop()
})
