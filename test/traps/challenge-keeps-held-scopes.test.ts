// A challenge with the missing scope alone makes older clients drop what they have, and loop.
import { expect, test } from 'vitest'
import { call, challengeOf, open } from './trap.ts'

test('T-45: the challenge names what is held, the baseline and what is missing', async () => {
  const gateway = await open()
  const response = await call(gateway, gateway.token('a'), 'danger')
  expect(response.status).toBe(403)
  expect(challengeOf(response)).toMatch(/error="insufficient_scope", scope="a admin"/)
})
