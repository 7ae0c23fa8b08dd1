// A hostile neighbour: whatever one caller does to the gateway, another's calls go through, and hardly later than beside
// as many requests that cost nothing. The recipes stand in neighbour/recipes.ts.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addressesOf, besides, control, MOST_TIMES } from './neighbour/neighbour.ts'
import { RECIPES } from './neighbour/recipes.ts'
import { startWorld, type World } from './neighbour/world.ts'

const MILLISECONDS = 1_000
/** A control below this is counted as this: on a shared machine a few milliseconds are chance. */
const LEAST_CONTROL_MS = 10
/** A machine that is busy with something else makes one round late; an attack makes all of them late. */
const ROUNDS = 3

/** Addresses of 127.0.0.0/8 other than the first need no configuration on Linux only. */
const isLinux = process.platform === 'linux'
if (!isLinux) console.warn('skipped: a hostile neighbour, which needs the loopback addresses of Linux')

describe.skipIf(!isLinux)('D90 a hostile neighbour', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
  })
  beforeEach(() => world.restart())
  afterAll(() => world.close())

  const places = [
    ['one address', addressesOf(1)],
    ['ten addresses', addressesOf(10)],
  ] as const
  const cases = Object.keys(RECIPES).flatMap((recipe) =>
    places.map(([place, addresses]) => [recipe, place, addresses] as const),
  )

  test.each(cases)('%s, from %s', { timeout: 120_000 }, async (recipe, _place, addresses) => {
    const ratios: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const attacked = await besides(world, recipe, addresses, MILLISECONDS)
      expect(attacked.calls.failures).toEqual([])
      expect(attacked.sent).toBeGreaterThan(0)
      const plain = await control(world, attacked, addresses, MILLISECONDS)
      expect(plain.calls.failures).toEqual([])
      ratios.push(attacked.calls.p50Ms / Math.max(plain.calls.p50Ms, LEAST_CONTROL_MS))
      if ((ratios.at(-1) as number) <= MOST_TIMES) return
    }
    expect(Math.min(...ratios)).toBeLessThanOrEqual(MOST_TIMES)
  })
})
