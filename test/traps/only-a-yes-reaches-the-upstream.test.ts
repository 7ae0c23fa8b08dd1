// The seed returns values and leaves the verdict to its caller. Here no answer but a yes reaches the upstream.
import { expect, test } from 'vitest'
import { call, openWacht } from './trap.ts'

const NO = ['unknown', 'nokey', 'permission', 'limited', 'forbidden', 'toomany', 'broken', 'machine']

test.each(NO)('T-10: %s is a refusal, not a value', async (answer) => {
  const { gateway } = await openWacht()
  expect((await call(gateway, `${answer}.1`)).status).toBeGreaterThanOrEqual(400)
  expect(gateway.upstream.received).toEqual([])
})
