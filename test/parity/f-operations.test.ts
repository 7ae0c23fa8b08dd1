// What operating one of those systems asks of a gateway, row by row (F1, F2, F6, F7; F3 to F5 are the authorization
// server's own affair).
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { metricsOf } from '../support/scrape.ts'
import { call, open, openIntrospecting, openWacht } from '../traps/trap.ts'

test('F1 a client secret that changes at the issuer costs no request', async () => {
  const gateway = await open({
    issuer: `    validation: introspection
    introspection: { client_id: portcullis, client_secret: old, client_secret_next: new, cache: { ttl: 1s } }`,
  })
  const basic = (secret: string) => `Basic ${Buffer.from(`portcullis:${secret}`).toString('base64')}`
  let valid = basic('old')
  gateway.issuer.introspect = () => ({
    ...{
      active: true,
      aud: gateway.resource,
      sub: 'u',
      scope: 'a',
      exp: Math.floor(Date.now() / 1000) + 600,
    },
  })
  gateway.issuer.faults.introspection = () =>
    gateway.issuer.asked.at(-1)?.headers.authorization === valid ? undefined : { status: 401 }
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) {
    if (i === 4) valid = basic('new')
    statuses.push((await call(gateway, `opaque-${i}`)).status)
  }
  expect(new Set(statuses)).toEqual(new Set([200]))
})

test('F2 a revoked grant: the next look at the token that a rule asks for ends it', async () => {
  const gateway = await open({
    issuer:
      '    validation: introspection\n    introspection: { client_id: portcullis, client_secret: secret }',
    policy: `
      rules:
        - { name: safe, tools: [safe] }
        - { name: purge, tools: [purge], require_active: true }`,
  })
  let active = true
  gateway.issuer.introspect = () => ({
    ...{ active, aud: gateway.resource, sub: 'u', scope: 'a', exp: Math.floor(Date.now() / 1000) + 600 },
  })
  expect((await call(gateway, 'opaque', 'purge')).status).toBe(200)
  active = false
  expect((await call(gateway, 'opaque')).status).toBe(200) // kept for its ttl
  expect((await call(gateway, 'opaque', 'purge')).status).toBe(401)
  expect((await call(gateway, 'opaque')).status).toBe(401) // and forgotten with it
})

test('F6 counters and records of what was refused, and to whom', async () => {
  const gateway = await openIntrospecting('introspection')
  await call(gateway, 'opaque', 'danger')
  await gateway.post(toolCall('safe'), { authorization: '' })
  expect(gateway.audit()).toMatchObject([
    { reason: 'scope_missing', rule: 'danger', subject: 'user-1', client: 'client-1' },
    { reason: 'token_missing' },
  ])
  const metrics = await metricsOf(gateway)
  expect(metrics).toMatch(/portcullis_decisions_total\{[^}]*reason="scope_missing"[^}]*\} 1/)
})

test.each([
  ['limited.1', '60'],
  ['toomany.1', '2'],
])(
  'F7 a limit at Wacht, %s: its milliseconds are our seconds, in an answer that clients can read',
  async (token, after) => {
    const { gateway } = await openWacht()
    const response = await call(gateway, token)
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe(after)
    expect(await response.json()).toMatchObject({ error: 'too_many_requests' })
  },
)
