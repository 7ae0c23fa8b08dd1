// One `Bearer garbage` ends a whole Express process. Here it is a 401 with a challenge, and the next call works.
import { expect, test } from 'vitest'
import { call, expectUnauthorized, open } from './trap.ts'

test('T-06: garbage is 401, and nothing else happens', async () => {
  const gateway = await open()
  for (const garbage of ['garbage', 'a.b.c', '!!', 'e30.e30.e30'])
    expectUnauthorized(await call(gateway, garbage), gateway)
  expect((await call(gateway, gateway.token())).status).toBe(200)
})
