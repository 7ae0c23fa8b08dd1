// Verdicts of others, row by row (B15 to B19), over a whole gateway: Wacht, API keys, a service of one's own, static keys,
// and what happens when whoever is asked does not answer.
import { createHash } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type TestGateway, toolCall } from '../support/gateway.ts'
import { startHttpJudge } from '../support/http-verdicts.ts'
import { call, expectUnauthorized, open, openWacht } from '../traps/trap.ts'

describe('B15: Wacht', () => {
  test.each([
    ['good', 200],
    ['unknown', 401],
    ['nokey', 401],
    ['permission', 403],
    ['limited', 429],
    ['forbidden', 403],
    ['toomany', 429],
    ['broken', 503],
    ['machine', 401],
  ])('B15 the answer %s: %d', async (answer, status) => {
    const { gateway } = await openWacht()
    const response = await call(gateway, `${answer}.1`)
    expect(response.status).toBe(status)
    expect(response.headers.has('www-authenticate')).toBe(status === 401)
    if (status === 403) expect(await response.json()).toMatchObject({ error: 'access_denied' })
    expect(gateway.upstream.received.length).toBe(status === 200 ? 1 : 0)
  })

  test('B15 a missing permission is a challenge of ours: the check is asked for none', async () => {
    const { gateway, wacht } = await openWacht()
    const response = await call(gateway, 'good.1', 'danger')
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="a admin"')
    wacht.allowed = { permissions: ['a', 'admin'] }
    expect((await call(gateway, 'good.2', 'danger')).status).toBe(200)
    expect(wacht.checks.some((check) => 'required_permissions' in check)).toBe(false)
  })

  test('B15 the metadata names its authorization server', async () => {
    const { gateway } = await openWacht()
    const metadata = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`)
    expect(await metadata.json()).toMatchObject({ authorization_servers: [gateway.issuer.url] })
  })
})

describe('B16: API keys', () => {
  test('B16 of Wacht, bound by their app', async () => {
    const { gateway, wacht } = await openWacht('    principal: api_key\n    app: notes-app')
    expect((await call(gateway, 'wk_live.1')).status).toBe(200)
    wacht.allowed = { identity: { app_slug: 'other' } }
    expect((await call(gateway, 'wk_live.2')).status).toBe(401)
    expect((await call(gateway, 'nokey.1')).status).toBe(401)
  })

  const KEY = 'pk_0123456789abcdefghijklmnopqrstuvwxyz'
  const withKeys = (expires: string): Promise<TestGateway> => {
    const hash = createHash('sha256').update(KEY).digest('hex')
    const entry = `{ name: ci, hash: "sha256:${hash}", subject: ci-bot, client: ci, scopes: [a], expires: ${expires} }`
    return open({
      issuer: `  bots: { verifier: static_keys, keys: [${entry}] }`,
      routeIssuers: '[as1, bots]',
    })
  }

  test('B16 of the file, beside people', async () => {
    const gateway = await withKeys('2100-01-01T00:00:00Z')
    expect((await call(gateway, KEY)).status).toBe(200)
    expect((await call(gateway, gateway.token())).status).toBe(200)
    expect(gateway.upstream.received.map(({ headers }) => headers['x-mcp-subject'])).toEqual([
      'ci-bot',
      'user-1',
    ])
    expect(gateway.upstream.received[0]?.headers['x-mcp-issuer']).toBe('urn:portcullis:static-keys:bots')
    expect((await call(gateway, `${KEY}x`)).status).toBe(401)
    expect((await call(gateway, KEY, 'danger')).status).toBe(403)
    const metadata = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`)
    expect(await metadata.json()).toMatchObject({ authorization_servers: [gateway.issuer.url] })
  })

  test('B16 an expired one is refused, and told of at the start', async () => {
    const gateway = await withKeys('2020-01-01T00:00:00Z')
    expectUnauthorized(await call(gateway, KEY), gateway)
    expect(gateway.log.join('')).toContain('the key ci has expired')
  })
})

describe('B17, B18: a service of one’s own', () => {
  async function openHttp(answer: (gateway: TestGateway) => unknown) {
    const service = await startHttpJudge({})
    onTestFinished(() => service.close())
    const gateway = await open({
      issuer: `    verifier: http\n    endpoint: ${service.url}\n    timeout: 200ms`,
    })
    service.answer = answer(gateway)
    return { gateway, service }
  }
  const expires = () => Math.floor(Date.now() / 1000) + 600

  test('B17 a yes with everything in it', async () => {
    const { gateway, service } = await openHttp(({ resource }) => ({
      ...{ allowed: true, subject: 'ada', client_id: 'desk', scopes: ['a'], audience: resource },
      expires_at: expires(),
    }))
    expect((await call(gateway, 'opaque')).status).toBe(200)
    expect(service.asked[0]?.body).toMatchObject({ token: 'opaque', method: 'POST', client_ip: '127.0.0.1' })
    expect(gateway.upstream.received[0]?.headers).toMatchObject({
      ...{ 'x-mcp-subject': 'ada', 'x-mcp-client-id': 'desk', 'x-mcp-scopes': 'a' },
    })
  })

  test('B17 a yes without an end is a no', async () => {
    const { gateway } = await openHttp(({ resource }) => ({
      ...{ allowed: true, subject: 'ada', scopes: ['a'], audience: resource },
    }))
    expectUnauthorized(await call(gateway, 'opaque'), gateway)
  })

  test('B18 hang, reset and error are 503 with Retry-After, and then it heals', async () => {
    const { gateway, service } = await openHttp(({ resource }) => ({
      ...{ allowed: true, subject: 'ada', scopes: ['a'], audience: resource, expires_at: expires() },
    }))
    const faults: (typeof service.respond)[] = [
      () => undefined,
      (response) => response.socket?.resetAndDestroy(),
      (response) => response.writeHead(500).end(),
    ]
    for (const [index, fault] of faults.entries()) {
      service.respond = fault
      const response = await call(gateway, `opaque-${index}`)
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(response.headers.has('www-authenticate')).toBe(false)
    }
    service.respond = undefined
    expect((await call(gateway, 'opaque')).status).toBe(200)
  })
})

describe('B19: somebody is locked out', () => {
  const RULES = `
      rules:
        - { name: out, effect: deny, tools: ["*"], who: { subjects: [user-1] } }
        - { name: safe, tools: [safe], scopes: [a] }`

  test('B19 a deny rule for one subject acts from the next request after a reload', async () => {
    const gateway = await open()
    expect((await gateway.post(toolCall('safe'))).status).toBe(200)
    await gateway.reload({ policy: RULES })
    expect((await gateway.post(toolCall('safe'))).status).toBe(403)
    expect((await call(gateway, gateway.token('a', { sub: 'user-2' }))).status).toBe(200)
  })
})
