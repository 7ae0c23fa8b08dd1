// The protected resource metadata of a whole gateway and what else stands under /.well-known/.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { fieldOf, overWire } from '../support/wire.ts'

const ROOT = '/.well-known/oauth-protected-resource'
const LEGACY = '/.well-known/oauth-authorization-server'

/** A second route, behind the policy of the first. */
const TWO_ROUTES = `
      rules: [{ tools: [safe] }]
  - name: b
    path: /mcp/b
    upstream: http://127.0.0.1:1/mcp
    issuers: [as1]
    dpop: off
    policy: { rules: [{ tools: [safe] }] }`

describe('one route', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway()
  })
  afterAll(() => gateway.close())
  const get = (path: string, init?: RequestInit) =>
    fetch(gateway.origin + path, { redirect: 'manual', ...init })

  test('PRM-01, PRM-02, PRM-07, PRM-09: the document, with nothing empty in it', async () => {
    const response = await get(`${ROOT}/mcp/a`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(await response.json()).toEqual({
      resource: gateway.resource,
      authorization_servers: [gateway.issuer.url],
      scopes_supported: ['a'],
      bearer_methods_supported: ['header'],
      resource_name: 'a',
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256', 'RS256'],
    })
  })

  test.each([
    ['PRM-05 the inserted path', `${ROOT}/mcp/a`, '/mcp/a'],
    ['PRM-15 its twin with a slash', `${ROOT}/mcp/a/`, '/mcp/a/'],
    ['PRM-06, PRM-14 the root, for the only route', ROOT, '/mcp/a'],
    ['PRM-14 the root with a slash', `${ROOT}/`, '/mcp/a'],
  ])('%s: PRM-08 resource is what the client typed', async (_id, path, typed) => {
    const body = (await (await get(path)).json()) as { resource: string }
    expect(body.resource).toBe(gateway.origin + typed)
  })

  test('H56: HEAD says the same as GET', async () => {
    const response = await get(`${ROOT}/mcp/a`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('')
  })

  test('META-09: OPTIONS lets a browser client send its version', async () => {
    const response = await get(`${ROOT}/mcp/a`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://any.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS')
    expect(response.headers.get('access-control-allow-headers')).toBe('mcp-protocol-version')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('vary')).toBe('access-control-request-headers')
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('H56: %s is 405', async (method) => {
    const response = await get(`${ROOT}/mcp/a`, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  test.each([
    `${ROOT}/mcp/b`,
    `${ROOT}/mcp`,
    `${ROOT}/mcp/a/b`,
    `${ROOT}/MCP/a`,
    '/mcp/a/.well-known/oauth-protected-resource',
    '/.well-known/',
    '/.well-known/openid-configuration',
    LEGACY,
    `${LEGACY}/mcp/a`,
  ])('PRM-19: %s is 404, without a challenge and without the upstream', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(response.headers.get('location')).toBeNull()
    expect(gateway.upstream.received).toHaveLength(0)
  })

  test('H56: an encoded slash is not that path', async () => {
    const [answer] = await overWire(
      gateway.origin,
      `GET ${ROOT}/mcp%2Fa HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      1,
    )
    expect(answer?.status).toBe(400)
    expect(fieldOf(answer, 'www-authenticate')).toBeUndefined()
  })

  test('PRM-15, PRM-16: the challenge points at the form the client called, on our own origin', async () => {
    for (const path of ['/mcp/a', '/mcp/a/']) {
      const challenge = (await get(path)).headers.get('www-authenticate')
      expect(challenge).toContain(`resource_metadata="${gateway.origin}${ROOT}${path}"`)
      const document = (await (await get(`${ROOT}${path}`)).json()) as { resource: string }
      expect(document.resource).toBe(`${gateway.origin}${path}`)
    }
  })

  test('TOK-08: a token for either form is good at either form', async () => {
    for (const aud of [gateway.resource, `${gateway.resource}/`]) {
      for (const path of ['/mcp/a', '/mcp/a/']) {
        const authorization = `Bearer ${gateway.token('a', { aud })}`
        const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
        expect((await gateway.post(ping, { authorization }, path)).status).toBe(200)
      }
    }
  })
})

describe('two routes', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway({ policy: TWO_ROUTES, route: '    dpop: require' })
  })
  afterAll(() => gateway.close())

  test('PRM-14: the root names neither', async () => {
    for (const path of [ROOT, `${ROOT}/`]) expect((await fetch(gateway.origin + path)).status).toBe(404)
  })

  test('PRM-07, PRM-10: without a baseline there are no scopes_supported', async () => {
    expect(await (await fetch(`${gateway.origin}${ROOT}/mcp/b`)).json()).toEqual({
      resource: `${gateway.origin}/mcp/b`,
      authorization_servers: [gateway.issuer.url],
      bearer_methods_supported: ['header'],
      resource_name: 'b',
    })
  })

  test('PRM-09: a route that demands DPoP says so', async () => {
    const document = await (await fetch(`${gateway.origin}${ROOT}/mcp/a`)).json()
    expect(document).toMatchObject({ dpop_bound_access_tokens_required: true })
  })

  test('PRM-18: a reload changes the documents', async () => {
    expect((await fetch(`${gateway.origin}${ROOT}/mcp/b`)).status).toBe(200)
    await gateway.reload({ policy: '\n      rules: [{ tools: [safe] }]', route: '' })
    expect((await fetch(`${gateway.origin}${ROOT}/mcp/b`)).status).toBe(404)
    expect((await fetch(`${gateway.origin}${ROOT}`)).status).toBe(200)
  })
})

describe('META-06 LEG-13: legacy_discovery', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway({ route: '    legacy_discovery: true' })
  })
  afterAll(() => gateway.close())

  test('the metadata of the authorization server stands at our origin, for anybody', async () => {
    const own = await (await fetch(`${gateway.issuer.url}${LEGACY}`)).text()
    for (const path of [LEGACY, '/.well-known/openid-configuration']) {
      const response = await fetch(gateway.origin + path, {
        headers: { 'mcp-protocol-version': '2025-03-26' },
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(await response.text()).toBe(own)
    }
  })

  test('below a route there is none', async () => {
    expect((await fetch(`${gateway.origin}${LEGACY}/mcp/a`)).status).toBe(404)
  })
})

test('scopes_supported of a route: named with the baseline at sign-in, needed for nothing', async () => {
  const gateway = await startTestGateway({ route: '    scopes_supported: [admin, a]' })
  try {
    const response = await fetch(`${gateway.origin}${ROOT}/mcp/a`)
    expect(await response.json()).toMatchObject({ scopes_supported: ['a', 'admin'] })
    const challenged = await gateway.post(toolCall('safe'), { authorization: '' })
    expect(challenged.status).toBe(401)
    expect(challenged.headers.get('www-authenticate')).toContain('scope="a admin"')
    expect((await gateway.post(toolCall('safe'))).status).toBe(200)
    const stepUp = await gateway.post(toolCall('danger'))
    expect(stepUp.headers.get('www-authenticate')).toContain('scope="a admin"')
  } finally {
    await gateway.close()
  }
})
