// "The gateway matches the resource, the session is alive": untrue in its code. Neither is relied on.
import { expect, test } from 'vitest'
import { call, expectUnauthorized, openWacht } from './trap.ts'

test('T-12: a yes to another resource is a no, and a rule may ask again', async () => {
  const { gateway, wacht } = await openWacht()
  wacht.allowed = { metadata: { oauth_resource: `${gateway.origin}/mcp/b` } }
  expectUnauthorized(await call(gateway, 'good.1'), gateway)
  expect(wacht.checks).toMatchObject([{ resource: '/mcp/a' }])
})
