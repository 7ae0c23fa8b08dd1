// An outage told as 401 sends everybody to the login page at once. Here it is 503 with Retry-After.
import { expect, test } from 'vitest'
import { call, openIntrospecting } from './trap.ts'

test.each(['hang', 'reset', { status: 500 }] as const)('T-24: introspection: %j', async (fault) => {
  const gateway = await openIntrospecting('introspection')
  gateway.issuer.faults.introspection = fault
  const response = await call(gateway, 'opaque')
  expect(response.status).toBe(503)
  expect(response.headers.get('www-authenticate')).toBeNull()
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
})
