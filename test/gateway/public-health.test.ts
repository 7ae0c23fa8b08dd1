// `public_health`: /healthz, /readyz and /readyz/shutdown where the gateway listens, for a load balancer that cannot reach
// the admin port.
import { describe, expect, test } from 'vitest'
import { startTestGateway, toolCall } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'

describe('public_health', () => {
  test('answers anybody on the public port, and says nothing', async () => {
    const gateway = await startTestGateway({ top: 'public_health: true' })
    const asked = 'GET /readyz?x=1 HTTP/1.1\r\nHost: 10.0.0.7\r\nConnection: close\r\n\r\n'
    const [ready] = await overWire(gateway.origin, asked, 1)
    expect([ready?.status, ready?.body]).toEqual([200, '{"ready":true}'])
    const health = await fetch(`${gateway.origin}/healthz`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect(health.headers.get('access-control-allow-origin')).toBeNull()
    expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(404)

    gateway.upstream.respond = (_request, response) => void response.socket?.resetAndDestroy()
    await gateway.post(toolCall('safe'))
    const [broken] = await overWire(gateway.origin, asked, 1)
    expect([broken?.status, broken?.body]).toEqual([503, '{"ready":false}'])
    expect((await fetch(`${gateway.origin}/healthz`)).status).toBe(200)
    await gateway.close()
  })

  test('tells a balancer of the end, and of nothing that all gateways have in common', async () => {
    const gateway = await startTestGateway({ top: 'public_health: true\ndrain_delay: 1s' })
    const shutdown = () => fetch(`${gateway.origin}/readyz/shutdown`)
    gateway.upstream.respond = (_request, response) => void response.socket?.resetAndDestroy()
    await gateway.post(toolCall('safe'))
    expect((await fetch(`${gateway.origin}/readyz`)).status).toBe(503)
    const before = await shutdown()
    expect([before.status, await before.json()]).toEqual([200, { ready: true }])
    const closing = gateway.close()
    const after = await shutdown()
    expect([after.status, await after.json()]).toEqual([503, { ready: false }])
    await closing
  })

  test('is off unless the file asks for it', async () => {
    const gateway = await startTestGateway()
    const statuses = ['/healthz', '/readyz', '/readyz/shutdown'].map(
      async (path) => (await fetch(gateway.origin + path)).status,
    )
    expect(await Promise.all(statuses)).toEqual([404, 404, 404])
    await gateway.close()
  })
})
