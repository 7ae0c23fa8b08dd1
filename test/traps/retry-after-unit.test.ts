// `retry_after` is in milliseconds; as seconds it would be sixteen hours.
import { expect, test } from 'vitest'
import { call, openWacht } from './trap.ts'

test.each([
  ['limited.1', '60'],
  ['toomany.1', '2'],
])('T-47: %s', async (token, seconds) => {
  const { gateway } = await openWacht()
  const response = await call(gateway, token)
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe(seconds)
})
