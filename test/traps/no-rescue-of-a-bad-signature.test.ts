// "JWT or introspection" lets introspection rescue a bad signature. Here a JWT that fails is not asked about.
import { expect, test } from 'vitest'
import { call, expectUnauthorized, openIntrospecting } from './trap.ts'

test('T-16: a bad signature is final', async () => {
  const gateway = await openIntrospecting('jwt_else_introspection')
  const token = gateway.token()
  expectUnauthorized(await call(gateway, `${token.slice(0, -8)}AAAAAAAA`), gateway)
  expect(gateway.issuer.requests.introspection).toBe(0)
})
