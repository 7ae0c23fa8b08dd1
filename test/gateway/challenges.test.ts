// WWW-Authenticate of a whole gateway, for each way a token can fail. CHL rows.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

const POLICY = `
      rules:
        - { tools: [read], scopes: [a] }
        - { tools: [write], scopes: { all: [write, audit] } }
        - { tools: [choice], scopes: [{ all: [x, y] }, z] }
        - { tools: [offline], scopes: { all: [offline_access, write] } }`

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ policy: POLICY })
})
afterAll(() => gateway.close())

const metadata = () => `resource_metadata="${gateway.origin}/.well-known/oauth-protected-resource/mcp/a"`

function call(tool: string, scope: string, claims: object = {}): Promise<Response> {
  return gateway.post(toolCall(tool), { authorization: `Bearer ${gateway.token(scope, claims)}` })
}

const seconds = () => Math.floor(Date.now() / 1_000)

describe('401', () => {
  test.each([
    ['nothing', undefined],
    ['TOK-04 an empty bearer', 'Bearer'],
    ['TOK-04 an empty bearer and spaces', 'Bearer   '],
    ['another scheme', 'Basic dTpw'],
    ['a scheme that only begins like ours', 'Bearers abc'],
  ])('CHL-05, CHL-07: %s is no credential, so there is no error', async (_what, authorization) => {
    const headers = authorization === undefined ? {} : { authorization }
    const response = await fetch(gateway.resource, { method: 'POST', headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(`Bearer ${metadata()}, scope="a"`)
  })

  test.each(['GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'])(
    'CHL-02, TOK-01: %s is challenged',
    async (method) => {
      const response = await fetch(gateway.resource, { method })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(`Bearer ${metadata()}, scope="a"`)
      expect(response.headers.get('cache-control')).toBe('no-store') // CHL-15
    },
  )

  const rejected: readonly (readonly [string, object])[] = [
    ['another audience', { aud: 'https://elsewhere.example/mcp' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['not yet valid', { nbf: 4_000_000_000 }],
    ['no expiry', { exp: undefined }],
    ['no subject', { sub: undefined }],
    ['bound to a key', { cnf: { jkt: 'a'.repeat(43) } }],
  ]
  test.each(rejected)('CHL-06, CHL-15: %s is told like every other', async (_what, claims) => {
    const response = await call('read', 'a', claims)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", scope="a", ${metadata()}, error_description="The access token is invalid"`,
    )
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('CHL-12: an authentic but expired token is asked for again with its own scopes', async () => {
    const response = await call('read', 'write a audit', { exp: seconds() - 100, iat: seconds() - 700 })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", scope="a audit write", ${metadata()}, ` +
        'error_description="The access token expired"',
    )
  })

  test('CHL-12: an expired token that nobody signed is only invalid', async () => {
    const token = gateway.token('write', { exp: seconds() - 100, iat: seconds() - 700 })
    const forged = `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(86)}`
    const response = await gateway.post(toolCall('read'), { authorization: `Bearer ${forged}` })
    const challenge = response.headers.get('www-authenticate')
    expect(challenge).toContain('scope="a"')
    expect(challenge).toContain('error_description="The access token is invalid"')
  })

  test('TOK-02: a token in the query counts as none', async () => {
    const response = await fetch(`${gateway.resource}?access_token=${gateway.token()}`, { method: 'POST' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(`Bearer ${metadata()}, scope="a"`)
    expect(gateway.upstream.received).toHaveLength(0)
  })
})

describe('403', () => {
  const asked: readonly (readonly [string, tool: string, held: string, scope: string, missing: string])[] = [
    ['CHL-10 all of them at once', 'write', 'a', 'a audit write', 'audit write'],
    ['CHL-11 with what is held and named here', 'write', 'a x unrelated', 'a audit write x', 'audit write'],
    ['CHL-10 the baseline too', 'write', 'audit', 'a audit write', 'a write'],
    ['CHL-10 the alternative that needs the fewest', 'choice', 'a', 'a z', 'z'],
    ['CHL-10 ties in file order', 'choice', 'a x', 'a x y', 'y'],
    ['CHL-01 no scope at all', 'read', '', 'a', 'a'],
    ['PRM-11 never offline_access', 'offline', 'a', 'a write', 'offline_access write'],
  ]
  test.each(asked)('CHL-09 %s', async (_id, tool, held, scope, missing) => {
    const response = await call(tool, held)
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="${scope}", ${metadata()}, ` +
        `error_description="${missing} is required"`,
    )
    expect(await response.json()).toMatchObject({ error: { data: { error: 'insufficient_scope', scope } } })
  })

  test('CHL-10: a batch is asked for in one challenge', async () => {
    const response = await gateway.post([toolCall('write', 1), toolCall('choice', 2)])
    expect(response.headers.get('www-authenticate')).toContain('scope="a audit write z"')
  })

  test('CHL-14: what is allowed carries no challenge', async () => {
    const response = await call('read', 'a')
    expect(response.status).toBe(200)
    expect(response.headers.get('www-authenticate')).toBeNull()
  })
})

test('CHL-03, CHL-04: every challenge is one field of quoted values in the allowed alphabet', async () => {
  const answers = [
    await fetch(gateway.resource),
    await call('write', 'a'),
    await call('read', 'a', { aud: 'x' }),
  ]
  const parameter = /[a-z_]+="[\x20\x21\x23-\x5b\x5d-\x7e]*"/.source
  for (const { headers } of answers) {
    const challenge = headers.get('www-authenticate') ?? ''
    expect(challenge).toMatch(new RegExp(`^Bearer ${parameter}(?:, ${parameter})*$`))
    const names = [...challenge.matchAll(/([a-z_]+)="/g)].map(([, name]) => name)
    expect(new Set(names).size).toBe(names.length)
    const [scope, description] = ['scope=', 'error_description='].map((name) => challenge.indexOf(name))
    if (description !== -1) expect(scope).toBeLessThan(description as number)
  }
})
