// Token validation as other systems have it, row by row (B1 to B14): what is matched, and what is refused on purpose.
// Every row is asked of a whole gateway over sockets.
import { describe, expect, test } from 'vitest'
import { narrowed } from '../support/authsec.ts'
import { toolCall } from '../support/gateway.ts'
import type { Fault } from '../support/issuer.ts'
import { call, expectUnauthorized, open, openIntrospecting } from '../traps/trap.ts'

const seconds = () => Math.floor(Date.now() / 1000)

describe('B1: four modes', () => {
  const KINDS = ['good', 'bad signature', 'expired', 'revoked', 'opaque', 'alg none', 'outage'] as const
  type Kind = (typeof KINDS)[number]
  const TABLE: Readonly<Record<string, readonly number[]>> = {
    jwt: [200, 401, 401, 200, 401, 401, 200],
    introspection: [200, 200, 401, 401, 200, 401, 503],
    jwt_and_introspection: [200, 401, 401, 401, 401, 401, 503],
    jwt_else_introspection: [200, 401, 401, 200, 200, 401, 200],
  }
  const cells = Object.entries(TABLE).flatMap(([mode, row]) =>
    KINDS.map((kind, index) => [mode, kind, row[index] as number] as const),
  )

  test.each(cells)('B1 %s, %s: %d', async (mode, kind, status) => {
    const gateway = await openIntrospecting(mode, () => (kind === 'expired' ? { exp: 1 } : {}))
    if (kind === 'revoked') gateway.issuer.introspect = () => ({ active: false })
    if (kind === 'outage') gateway.issuer.faults.introspection = { status: 500 }
    const token = gateway.token('a', kind === 'expired' ? { exp: seconds() - 60 } : {})
    const shown: Readonly<Record<Kind, string>> = {
      ...{ good: token, expired: token, revoked: token, outage: token, opaque: 'opaque-token' },
      'bad signature': `${token.slice(0, -8)}AAAAAAAA`,
      'alg none': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`,
    }
    expect((await call(gateway, shown[kind])).status).toBe(status)
  })
})

describe('introspection', () => {
  test('B2 Basic over form-urlencoded halves, and a hint', async () => {
    const gateway = await openIntrospecting('introspection')
    expect((await call(gateway, 'opaque')).status).toBe(200)
    const [asked] = gateway.issuer.asked
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('portcullis:secret').toString('base64')}`)
    expect(asked?.form.get('token_type_hint')).toBe('access_token')
  })

  const failures: readonly (readonly [string, Fault])[] = [
    ['401', { status: 401 }],
    ['500', { status: 500 }],
    ['HTML', 'html'],
    ['truncated', 'truncated'],
  ]
  test.each(failures)('B2 %s is an outage of ours, not a bad token', async (_name, fault) => {
    const gateway = await openIntrospecting('introspection')
    gateway.issuer.faults.introspection = fault
    const response = await call(gateway, 'opaque')
    expect(response.status).toBe(503)
    expect(response.headers.has('retry-after')).toBe(true)
  })

  test('B2 active as text is not active', async () => {
    const gateway = await openIntrospecting('introspection', () => ({ active: 'true' }))
    expectUnauthorized(await call(gateway, 'opaque'), gateway)
  })

  test('B3 a hundred callers with one token are one question', async () => {
    const gateway = await openIntrospecting('introspection')
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await call(gateway, 'opaque')).status),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(gateway.issuer.requests.introspection).toBe(1)
  })

  test.each([
    ['none left', { left: [] as string[] }, 403],
    ['silent about scopes', { left: undefined }, 200],
    ['wider than the token', { left: ['a', 'admin'] }, 200],
    ['another subject', { left: ['a'], sub: 'other' }, 401],
    ['another client', { left: ['a'], client_id: 'other' }, 401],
  ])('B4 introspection has the last word on scopes: %s', async (_name, { left, ...claims }, status) => {
    const gateway = await openIntrospecting('jwt_and_introspection', ({ issuer, resource }) =>
      narrowed({ iss: issuer.url, aud: resource, scope: undefined, ...claims }, left),
    )
    expect((await call(gateway, gateway.token())).status).toBe(status)
  })

  test('B4 wider than the token never widens it', async () => {
    const gateway = await openIntrospecting('jwt_and_introspection', () => ({ scope: 'a admin' }))
    expect((await call(gateway, gateway.token('a'), 'danger')).status).toBe(403)
  })
})

describe('claims', () => {
  const rows: readonly (readonly [string, (resource: string) => object, number])[] = [
    ['B5 our audience', () => ({}), 200],
    ['B5 with a slash', (resource) => ({ aud: `${resource}/` }), 200],
    ['B5 among others', (resource) => ({ aud: ['account', resource] }), 200],
    ['B5 none', () => ({ aud: undefined }), 401],
    ['B5 the client id', () => ({ aud: 'client-1' }), 401],
    ['B5 below ours', (resource) => ({ aud: `${resource}/sub` }), 401],
    ['B5 a sibling', (resource) => ({ aud: `${resource}2` }), 401],
    ['B6 `resource` is no audience', (resource) => ({ aud: undefined, resource }), 401],
    ['B6 a Wacht JWT: the URN of its owner', () => ({ aud: 'urn:wacht:user:1' }), 401],
    ['B7 no issuer', () => ({ iss: undefined }), 401],
    ['B10 no expiry', () => ({ exp: undefined }), 401],
    ['B10 an expiry as text', () => ({ exp: '2099-01-01T00:00:00Z' }), 401],
    ['B10 milliseconds', () => ({ exp: Date.now() + 600_000 }), 401],
    ['B10 inside the leeway', () => ({ exp: seconds() - 3 }), 200],
    ['B10 past the leeway', () => ({ exp: seconds() - 10 }), 401],
    ['B10 a fraction', () => ({ exp: seconds() + 60.5 }), 200],
    ['B11 token_use of an ID token', () => ({ token_use: 'id' }), 401],
    ['B11 token_use of an access token', () => ({ token_use: 'access_token' }), 200],
    ['B11 a nonce and no scope', () => ({ nonce: 'n', scope: undefined }), 401],
    ['B13 scope as text', () => ({ scope: 'a b' }), 200],
    ['B13 scp as a list', () => ({ scope: undefined, scp: ['a'] }), 200],
    ['B13 commas separate nothing', () => ({ scope: 'a,b' }), 403],
    [
      'B13 an empty list is no scopes, and the next claim is not looked at',
      () => ({ scope: [], scp: ['a'] }),
      403,
    ],
    ['B13 items that are no text', () => ({ scope: ['a', 5] }), 401],
    ['B14 azp', () => ({ client_id: undefined, azp: 'web' }), 200],
    ['B14 neither', () => ({ client_id: undefined }), 200],
    ['B14 an empty client id', () => ({ client_id: '' }), 401],
  ]
  test.each(rows)('%s', async (_name, claims, status) => {
    const gateway = await open()
    expect((await call(gateway, gateway.token('a', claims(gateway.resource)))).status).toBe(status)
  })

  test('B6 accepted where the operator lists it', async () => {
    const gateway = await open({ route: '    audience: ["urn:wacht:user:1"]' })
    expect((await call(gateway, gateway.token('a', { aud: 'urn:wacht:user:1' }))).status).toBe(200)
  })

  test('B7 another issuer is refused before anything is fetched', async () => {
    const gateway = await open()
    const before = { ...gateway.issuer.requests }
    for (const iss of [`${gateway.issuer.url}/`, 'https://other.example', ['x'], 5])
      expectUnauthorized(await call(gateway, gateway.token('a', { iss })), gateway)
    expect(gateway.issuer.requests).toEqual(before)
  })

  test('B14 the client that the upstream is told', async () => {
    const gateway = await open()
    await call(gateway, gateway.token('a', { client_id: undefined, azp: 'web' }))
    await call(gateway, gateway.token('a', { client_id: undefined }))
    expect(gateway.upstream.received.map(({ headers }) => headers['x-mcp-client-id'])).toEqual([
      'web',
      undefined,
    ])
  })
})

describe('keys', () => {
  test.each([
    ['none', { alg: 'none' }],
    ['HS256', { alg: 'HS256' }],
    ['ES384 over a P-256 key', { alg: 'ES384' }],
    ['another kid', { kid: 'other' }],
    ['crit', { crit: ['exp'] }],
  ])('B8 %s', async (_name, header) => {
    const gateway = await open()
    const usual = {
      iss: gateway.issuer.url,
      aud: gateway.resource,
      sub: 'u',
      scope: 'a',
      exp: seconds() + 60,
    }
    expectUnauthorized(await call(gateway, gateway.issuer.sign(usual, header)), gateway)
  })

  test('B9 keys in flight serve everybody: one fetch for fifty first callers', async () => {
    const gateway = await open()
    const tokens = Array.from({ length: 50 }, (_, jti) => gateway.token('a', { jti: String(jti) }))
    await Promise.all(tokens.map((token) => call(gateway, token)))
    expect(gateway.issuer.requests.jwks).toBe(1)
  })
})

describe('B12: the header', () => {
  const rows: readonly (readonly [string, (token: string) => string, number])[] = [
    ['lower case', (token) => `bearer ${token}`, 200],
    ['two spaces', (token) => `Bearer  ${token}`, 200],
    ['no scheme', (token) => token, 401],
    ['another scheme', (token) => `Token ${token}`, 401],
    ['a list', (token) => `Bearer ${token}, Bearer ${token}`, 401],
    ['a tab', (token) => `Bearer\t${token}`, 401],
    ['nothing', () => 'Bearer', 401],
  ]
  test.each(rows)('B12 %s', async (_name, header, status) => {
    const gateway = await open()
    expect((await gateway.post(toolCall('safe'), { authorization: header(gateway.token()) })).status).toBe(
      status,
    )
  })

  test('B12 nine kilobytes: too large, and no challenge that would bring another of that size', async () => {
    const gateway = await open()
    const response = await gateway.post(toolCall('safe'), { authorization: `Bearer ${'a'.repeat(9000)}` })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([431, null])
    expect(await response.json()).toMatchObject({ error: 'request_header_fields_too_large' })
    expect(gateway.upstream.received).toEqual([])
  })

  test('B12 in the query', async () => {
    const gateway = await open()
    const path = `/mcp/a?access_token=${gateway.token()}`
    expectUnauthorized(await gateway.post(toolCall('safe'), { authorization: '' }, path), gateway)
  })
})
