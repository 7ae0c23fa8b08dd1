// F01 to F03: the issuer is down at the start or later. Nothing is accepted without proof, no client is told to
// throw its token away, and it all heals by itself.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const INTROSPECTING: TestGatewayOptions = {
  issuer: `    validation: jwt_else_introspection
    introspection: { client_id: portcullis, client_secret: secret, cache: { ttl: 1s } }`,
}

async function ready(): Promise<number> {
  return (await fetch(`${gateway.running.adminOrigin}/readyz`)).status
}

function breakAll() {
  for (const page of ['metadata', 'jwks', 'introspection'] as const)
    gateway.issuer.faults[page] = { status: 503 }
}

function healAll() {
  for (const page of ['metadata', 'jwks', 'introspection'] as const) delete gateway.issuer.faults[page]
}

const call = async (headers: Readonly<Record<string, string>> = {}) =>
  (await gateway.post(toolCall('safe'), headers)).status

describe('scopes that no issuer of the route lists', () => {
  test('are named at the start', async () => {
    gateway = await startTestGateway({
      prepare: ({ issuer }) => {
        issuer.metadata['scopes_supported'] = ['openid', 'a']
      },
    })
    expect(gateway.log.join('')).toContain('route a: `admin` not in scopes_supported of as1')
  })
})

describe('F01 down at the start', () => {
  test('starts, is not ready, answers 503, says so in the log, and heals without traffic', async () => {
    gateway = await startTestGateway({
      prepare: ({ issuer }) => {
        issuer.faults.metadata = 'reset'
      },
    })
    expect(await ready()).toBe(503)
    expect((await fetch(`${gateway.running.adminOrigin}/healthz`)).status).toBe(200)
    expect(gateway.log.join('')).toMatch(/issuer as1/)
    const response = await gateway.post(toolCall('safe'))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(gateway.upstream.received).toEqual([])

    healAll()
    await expect.poll(ready, { timeout: 10_000, interval: 100 }).toBe(200)
    expect(await call()).toBe(200)
  })

  test('its pages are served all the same: metadata and the challenge need no issuer', async () => {
    gateway = await startTestGateway({
      prepare: ({ issuer }) => {
        issuer.faults.metadata = 'reset'
      },
    })
    const metadata = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`)
    expect(await metadata.json()).toMatchObject({ authorization_servers: [gateway.issuer.url] })
    expect((await fetch(gateway.resource, { method: 'POST' })).status).toBe(401)
  })
})

describe('F02 down later', () => {
  test('known keys keep working, also for tokens never seen; an unknown key is 503, not 401', async () => {
    gateway = await startTestGateway()
    expect(await call()).toBe(200)
    breakAll()
    expect(await call({ authorization: `Bearer ${gateway.token('a', { jti: 'new' })}` })).toBe(200)

    gateway.issuer.rotate()
    const rotated = { authorization: `Bearer ${gateway.token('a', { jti: 'rotated' })}` }
    const reached = gateway.upstream.received.length
    await expect.poll(() => call(rotated), { timeout: 5_000, interval: 200 }).toBe(503)
    expect(gateway.upstream.received.length).toBe(reached)
    healAll()
    await expect.poll(() => call(rotated), { timeout: 8_000, interval: 200 }).toBe(200)
  })

  test('opaque tokens work within their ttl, then 503, then by themselves again', async () => {
    gateway = await startTestGateway(INTROSPECTING)
    gateway.issuer.introspect = () => ({
      active: true,
      iss: gateway.issuer.url,
      aud: gateway.resource,
      sub: 'opaque',
      client_id: 'c',
      scope: 'a',
      exp: Math.floor(Date.now() / 1_000) + 600,
    })
    const opaque = { authorization: 'Bearer opaque-token' }
    expect(await call(opaque)).toBe(200)
    breakAll()
    expect(await call(opaque)).toBe(200)
    await expect.poll(() => call(opaque), { timeout: 5_000, interval: 100 }).toBe(503)
    healAll()
    await expect.poll(() => call(opaque), { timeout: 5_000, interval: 100 }).toBe(200)
  })
})

test('F03 an issuer that answers every other time: no 401, no 500, and calls go through', async () => {
  gateway = await startTestGateway(INTROSPECTING)
  gateway.issuer.introspect = ({ form }) => ({
    active: true,
    iss: gateway.issuer.url,
    aud: gateway.resource,
    sub: form.get('token'),
    scope: 'a',
    exp: Math.floor(Date.now() / 1_000) + 600,
  })
  let asked = 0
  gateway.issuer.faults.introspection = () => {
    asked += 1
    return asked % 2 === 0 ? { status: 500 } : undefined
  }
  const statuses: number[] = []
  for (let i = 0; i < 20; i += 1) statuses.push(await call({ authorization: `Bearer opaque-${i}` }))
  expect([...new Set(statuses)].sort()).toEqual([200, 503])
  expect(gateway.upstream.received.length).toBe(statuses.filter((status) => status === 200).length)
})
