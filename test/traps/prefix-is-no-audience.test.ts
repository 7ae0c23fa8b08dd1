// A prefix is no audience: the token of `/mcp/admin/sub` was valid at `/mcp`.
import { test } from 'vitest'
import { call, expectUnauthorized, open } from './trap.ts'

test.each(['/admin/sub', '2', '/sub'])('T-44: a token for our resource and %s', async (more) => {
  const gateway = await open()
  expectUnauthorized(await call(gateway, gateway.token('a', { aud: `${gateway.resource}${more}` })), gateway)
})
