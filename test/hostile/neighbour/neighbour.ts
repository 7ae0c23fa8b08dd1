// One recipe against a gateway while an honest person calls, and the control: as many plain 404s from the same place.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Aim } from './attack.ts'
import { type Calls, callFor } from './honest.ts'
import { PLAIN_404 } from './recipes.ts'
import type { World } from './world.ts'

const HONEST_ADDRESS = '127.0.0.2'
/** Of the median of honest calls beside an attack to that beside the control; processors are shared. */
export const MOST_TIMES = 5
/** The attack begins before the calls, and ends after them. */
const LEAD_MS = 300

export interface Side {
  readonly calls: Calls
  /** Requests of the attacker. */
  readonly sent: number
}

/** Addresses of the attacker: `count` places that are not the honest one. */
export function addressesOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `127.0.0.${11 + n}`)
}

export async function besides(
  world: World,
  recipe: string,
  addresses: readonly string[],
  milliseconds: number,
  most = Number.MAX_SAFE_INTEGER,
): Promise<Side> {
  const aim: Aim = {
    ...{ origin: world.origin, addresses, most, tokens: world.hostile, bound: world.bound },
    milliseconds: milliseconds + 2 * LEAD_MS,
  }
  const attacker = fork(join(import.meta.dirname, 'attacker-child.ts'), [], { execArgv: [] })
  attacker.send({ recipe, aim })
  const told = once(attacker, 'message') as Promise<[number]>
  await new Promise((resolve) => setTimeout(resolve, LEAD_MS))
  const calls = await callFor(world, HONEST_ADDRESS, milliseconds)
  const [sent] = await told
  return { calls, sent }
}

export function control(
  world: World,
  { sent }: Side,
  addresses: readonly string[],
  milliseconds: number,
): Promise<Side> {
  return besides(world, PLAIN_404.name, addresses, milliseconds, sent)
}
