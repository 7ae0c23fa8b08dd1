// What an honest caller feels while a neighbour attacks: each recipe of test/hostile/neighbour/recipes.ts, from one address
// and from ten, beside a control that sends as many plain 404s. Prints the times of the honest calls and the most memory that
// the gateway ever held. Misses its target when one honest call fails, or their median is over five times that of the control.
import {
  addressesOf,
  besides,
  control,
  MOST_TIMES,
  type Side,
} from '../../test/hostile/neighbour/neighbour.ts'
import { RECIPES } from '../../test/hostile/neighbour/recipes.ts'
import { startWorld, type World } from '../../test/hostile/neighbour/world.ts'
import { memory } from '../proc.ts'

const MILLISECONDS = 3_000
const PLACES = [1, 10]

export async function measureNeighbours(): Promise<boolean> {
  const world = await startWorld()
  let allMet = true
  console.log(
    'recipe, addresses: requests | honest p50 p99 | control p50 p99 | times | peak | failed honest calls',
  )
  try {
    for (const recipe of Object.keys(RECIPES)) {
      for (const places of PLACES) {
        const row = await measure(world, recipe, places)
        print(row)
        allMet &&= isMet(row)
      }
    }
  } finally {
    await world.close()
  }
  return allMet
}

interface Row {
  readonly recipe: string
  readonly places: number
  readonly attacked: Side
  readonly plain: Side
  readonly peakMiB: number
}

async function measure(world: World, recipe: string, places: number): Promise<Row> {
  await world.restart()
  const addresses = addressesOf(places)
  const attacked = await besides(world, recipe, addresses, MILLISECONDS)
  const { peakMiB } = memory(world.gateway().child.pid ?? 0)
  const plain = await control(world, attacked, addresses, MILLISECONDS)
  return { recipe, places, attacked, plain, peakMiB }
}

function isMet({ attacked, plain }: Row): boolean {
  const isServed = attacked.calls.failures.length === 0
  return isServed && attacked.calls.p50Ms <= MOST_TIMES * plain.calls.p50Ms
}

function print(row: Row): void {
  const { recipe, places, attacked, plain, peakMiB } = row
  const times = (attacked.calls.p50Ms / plain.calls.p50Ms).toFixed(1)
  const cells = [
    `${recipe}, ${places}: ${attacked.sent}`,
    timesOf(attacked),
    timesOf(plain),
    `${times} x`,
    `${peakMiB.toFixed(0)} MiB`,
    `${attacked.calls.failures.length} of ${attacked.calls.count}`,
  ]
  console.log(`${isMet(row) ? '  ' : '✗ '}${cells.join(' | ')}`)
  for (const failure of new Set(attacked.calls.failures)) console.log(`      ${failure}`)
}

function timesOf({ calls }: Side): string {
  return `${calls.p50Ms.toFixed(1)} ${calls.p99Ms.toFixed(1)} ms`
}
