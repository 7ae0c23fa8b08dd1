// The admin listener: who may read what, and what of the inside it shows.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'

interface Readiness {
  readonly ready: boolean
  readonly generation: number
  readonly routes: readonly { readonly name: string; readonly parts: readonly Record<string, unknown>[] }[]
}

describe('on loopback without a token', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway()
    await gateway.post(toolCall('safe'))
  })
  afterAll(() => gateway.close())
  const get = (path: string, init?: RequestInit) => fetch(gateway.running.adminOrigin + path, init)

  test('K11: /healthz says only that the process is there', async () => {
    const response = await get('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  test('/readyz: each issuer and upstream with its age and last error', async () => {
    const response = await get('/readyz')
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { ready, generation, routes } = (await response.json()) as Readiness
    expect({ ready, generation }).toEqual({ ready: true, generation: 1 })
    expect(routes.map(({ name }) => name)).toEqual(['a'])
    expect(routes[0]?.parts).toMatchObject([{ name: 'as1', ready: true }, { ready: true }])
    for (const { ageMs } of routes[0]?.parts ?? []) expect(ageMs).toBeGreaterThanOrEqual(0)
  })

  test('/metrics: Prometheus text, counted by route, method and verdict', async () => {
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(await response.text()).toContain(
      'portcullis_decisions_total{route="a",method="tools/call",decision="allowed",reason=""} 1',
    )
  })

  test('K07: what a client makes up is no label', async () => {
    await gateway.post({ jsonrpc: '2.0', id: 1, method: 'made/up' })
    await gateway.post({ jsonrpc: '2.0', method: 'notifications/made-up' })
    await fetch(gateway.origin, { method: 'PATCH' })
    expect(await (await get('/metrics')).text()).not.toMatch(/made|PATCH/)
  })

  test.each(['evil.example', 'gw.example:9090', '127.0.0.1.evil.example', ''])(
    'K09: Host %j reads nothing',
    async (host) => {
      for (const path of ['/readyz', '/readyz/shutdown', '/metrics']) {
        const bytes = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
        const [answer] = await overWire(gateway.running.adminOrigin, bytes, 1)
        expect([400, 401]).toContain(answer?.status)
        expect(answer?.body).not.toContain('as1')
      }
    },
  )

  test.each(['/', '/config', '/debug', '/nothing'])('K10: there is nothing at %s', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  test.each(['POST', 'PUT', 'DELETE'])('K09: %s changes nothing', async (method) => {
    for (const path of ['/healthz', '/readyz', '/readyz/shutdown', '/metrics'])
      expect((await get(path, { method })).status).toBe(404)
  })

  test('K08: nothing of it is on the public port', async () => {
    for (const path of ['/healthz', '/readyz', '/readyz/shutdown', '/metrics']) {
      expect((await fetch(gateway.origin + path)).status).toBe(404)
    }
  })

  test('K19: no banner, and no CORS for a page that asks', async () => {
    const { headers } = await get('/readyz', { headers: { origin: 'https://evil.example' } })
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) {
      expect(headers.get(name)).toBeNull()
    }
  })
})

describe('with a token', () => {
  const TOKEN = 'an admin token for the test'
  let gateway: TestGateway
  // For each test, since wrong tokens are counted.
  beforeEach(async () => {
    gateway = await startTestGateway({
      admin: '{ listen: 127.0.0.1:0, token: "${ADMIN}" }',
      env: { ADMIN: TOKEN },
    })
  })
  afterEach(() => gateway.close())
  const get = (path: string, authorization?: string) =>
    fetch(gateway.running.adminOrigin + path, { headers: authorization ? { authorization } : {} })

  test('/healthz needs none', async () => {
    expect((await get('/healthz')).status).toBe(200)
  })

  test.each([
    ['none', undefined],
    ['another', 'Bearer another'],
    ['a part of it', `Bearer ${TOKEN.slice(0, -1)}`],
    ['more than it', `Bearer ${TOKEN}x`],
    ['another scheme', `Basic ${TOKEN}`],
    ['no scheme', TOKEN],
  ])('K08, K12: %s is 401', async (_what, authorization) => {
    for (const path of ['/readyz', '/metrics', '/nothing']) {
      const response = await get(path, authorization)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="admin"')
      expect(await response.json()).toEqual({ error: 'unauthorized' })
    }
  })

  test('the token, with the scheme in any case', async () => {
    expect((await get('/readyz', `Bearer ${TOKEN}`)).status).toBe(200)
    expect((await get('/metrics', `bearer ${TOKEN}`)).status).toBe(200)
  })
})

test('/readyz is 503 while an upstream does not answer, and names its error', async () => {
  const gateway = await startTestGateway()
  const readiness = async () => {
    const response = await fetch(`${gateway.running.adminOrigin}/readyz`)
    return { status: response.status, body: (await response.json()) as Readiness }
  }
  const { respond } = gateway.upstream
  gateway.upstream.respond = (_request, response) => void response.socket?.resetAndDestroy()
  await gateway.post(toolCall('safe'))
  const broken = await readiness()
  expect(broken.status).toBe(503)
  expect(broken.body.ready).toBe(false)
  expect(String(broken.body.routes[0]?.parts[1]?.['lastError'])).toMatch(/^upstream_unreachable/)
  gateway.upstream.respond = respond
  await gateway.post(toolCall('safe'))
  expect((await readiness()).status).toBe(200)
  await gateway.close()
})
