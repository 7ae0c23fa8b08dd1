// No `aud`, no check. Here an absent audience never passes.
import { test } from 'vitest'
import { call, expectUnauthorized, open } from './trap.ts'

test.each([undefined, [], null, ''])('T-19: aud %j', async (aud) => {
  const gateway = await open()
  expectUnauthorized(await call(gateway, gateway.token('a', { aud })), gateway)
})
