// One key fits every `kid`, keys never expire, each unknown `kid` is a fetch.
import { expect, test } from 'vitest'
import { call, open } from './trap.ts'

test('T-25: another kid is not our only key, and a hundred of them are not a hundred fetches', async () => {
  const gateway = await open({ route: '    limits: { rate: { failed_auth_per_address: 1000/min } }' })
  const claims = { iss: gateway.issuer.url, aud: gateway.resource, sub: 'u', scope: 'a' }
  const exp = Math.floor(Date.now() / 1000) + 600
  const before = gateway.issuer.requests.jwks
  for (let i = 0; i < 100; i++) {
    const token = gateway.issuer.sign({ ...claims, exp }, { kid: `other-${i}` })
    expect([401, 503]).toContain((await call(gateway, token)).status)
  }
  expect(gateway.upstream.received).toEqual([])
  expect(gateway.issuer.requests.jwks - before).toBeLessThanOrEqual(2)
})
