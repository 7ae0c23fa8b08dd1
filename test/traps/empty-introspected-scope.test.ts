// An empty introspected scope restored the scopes of the JWT. Present and empty means none.
import { expect, test } from 'vitest'
import { narrowed } from '../support/authsec.ts'
import { call, openIntrospecting } from './trap.ts'

test.each([
  [[], 403],
  [['a'], 200],
  [undefined, 200],
])('T-18: narrowed to %j: %d', async (left, status) => {
  const gateway = await openIntrospecting('jwt_and_introspection', ({ issuer, resource }) =>
    narrowed({ iss: issuer.url, aud: resource, sub: 'user-1', scope: undefined }, left),
  )
  expect((await call(gateway, gateway.token())).status).toBe(status)
})
