// Wacht answers 200 with `allowed: false`; the seed lets it in. Only `allowed === true` passes.
import { expect, test } from 'vitest'
import { call, openWacht } from './trap.ts'

test('T-01: permission_denied and rate_limited are refused although the status is 200', async () => {
  const { gateway } = await openWacht()
  expect((await call(gateway, 'permission.1')).status).toBe(403)
  expect((await call(gateway, 'limited.1')).status).toBe(429)
  expect(gateway.upstream.received).toEqual([])
  expect((await call(gateway, 'good.1')).status).toBe(200)
})
