// A challenge without `scope` makes clients ask for everything. Ours names the least.
import { expect, test } from 'vitest'
import { challengeOf, open } from './trap.ts'

test('T-13: the 401 names the baseline and nothing more', async () => {
  const gateway = await open()
  const response = await fetch(gateway.resource, { method: 'POST' })
  expect(challengeOf(response)).toMatch(/scope="a"/)
  expect(challengeOf(response)).not.toMatch(/admin|error=/)
})
