// Allowances that several authorization servers count together: an address that used its own up at one waits at the
// other too, and a device may ask one of them at a time.
import { expect, test } from 'vitest'
import { createAddressLimits } from '../../../src/as/engine/address-limits.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import type { SharedAllowances } from '../../../src/core/shared-state.ts'
import { createTurns } from '../../../src/lib/turns.ts'
import { createRateLimit } from '../../../src/limits/rates.ts'
import { USUAL_LIMITS } from '../support/limits.ts'

test('H3 an address that used up its allowance at one server waits at the other', async () => {
  const kept = new Map<string, ReturnType<typeof createRateLimit>>()
  const shared: SharedAllowances = {
    rateLimit(use, rate) {
      const known = kept.get(use) ?? createRateLimit(rate)
      kept.set(use, known)
      return known
    },
    locks: { inTurn: createTurns() },
  }
  const options = { secret: Buffer.alloc(32, 7), clock: { now: () => Date.now() } }
  const stores = [await openStore(':memory:', options), await openStore(':memory:', options)]
  const [one, other] = stores.map((store) => createAddressLimits(store, USUAL_LIMITS, shared))
  const { count } = USUAL_LIMITS.userCodes
  for (let n = 0; n < count; n += 1) {
    expect(await (n % 2 ? other : one)?.userCodes.take('2001:db8::1')).toBeUndefined()
  }
  expect(await one?.userCodes.wait('2001:db8::2')).toBeGreaterThan(0) // the same network
  expect(await other?.userCodes.take('2001:db8::3')).toBeGreaterThan(0)
  other?.userCodes.giveBack('2001:db8::4')
  expect(await one?.userCodes.take('2001:db8::1')).toBeUndefined()
  expect(await one?.devices.take('2001:db8::1')).toBeUndefined()
  expect(kept.size).toBe(8)
  await Promise.all(stores.map((store) => store.close()))
})
