// "Scope omitted: all of them" would be over-granting. A token without scopes has none.
import { expect, test } from 'vitest'
import { call, challengeOf, open } from './trap.ts'

test.each([undefined, ''])('T-38: scope %j', async (scope) => {
  const gateway = await open()
  const response = await call(gateway, gateway.token('a', { scope }))
  expect(response.status).toBe(403)
  expect(challengeOf(response)).toMatch(/error="insufficient_scope", scope="a"/)
})
