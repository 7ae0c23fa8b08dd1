// `scope=<tool not in policy>`: clients then ask for that literal. Where no scope helps, none is named.
import { expect, test } from 'vitest'
import { call, open } from './trap.ts'

test.each(['unknown-tool', 'forbidden'])('T-23: %s is denied without a challenge', async (tool) => {
  const gateway = await open()
  const response = await call(gateway, gateway.token(), tool)
  expect(response.status).toBe(403)
  expect(response.headers.get('www-authenticate')).toBeNull()
})
