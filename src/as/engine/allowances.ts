// How often one address may try something (H3, A35, A42), counted in windows and bounded. In memory where a window is
// short and what is guessed is long; in the store where a restart would set somebody free.
import { LRUCache } from 'lru-cache'
import { networkOf } from '../network.ts'
import type { Store, StoreClock } from '../store/store.ts'
import { createTallies, type Tallies } from '../store/tallies.ts'

export interface Allowance {
  /** Counts one. Seconds to wait when the allowance is used up, and then it is not counted; undefined when it was not. */
  take(address: string): number | undefined
  /** The same without counting. */
  wait(address: string): number | undefined
}

export interface AllowanceOptions {
  readonly count: number
  readonly windowMs: number
}

const MAX_ADDRESSES = 10_000

/** Lost at a restart. */
export function createAllowance(options: AllowanceOptions, clock: StoreClock): Allowance {
  const kept = new LRUCache<string, { readonly count: number; readonly at: number }>({ max: MAX_ADDRESSES })
  return allowanceOver(options, clock, {
    get: (key) => kept.get(key),
    set: (key, window) => void kept.set(key, window),
  })
}

/** @param kind of the counts in the store */
export function createKeptAllowance(options: AllowanceOptions, store: Store, kind: string): Allowance {
  return allowanceOver(options, store.clock, createTallies(store, kind, MAX_ADDRESSES))
}

/** Windows by address; `at` of one is when it ends. */
function allowanceOver(
  { count, windowMs }: AllowanceOptions,
  clock: StoreClock,
  windows: Pick<Tallies, 'get' | 'set'>,
): Allowance {
  const windowOf = (network: string) => {
    const known = windows.get(network)
    return known !== undefined && clock.now() < known.at ? known : { count: 0, at: clock.now() + windowMs }
  }
  const waitIn = ({ count: used, at }: { readonly count: number; readonly at: number }) =>
    used < count ? undefined : Math.max(1, Math.ceil((at - clock.now()) / 1_000))
  return {
    take(address) {
      const network = networkOf(address)
      const window = windowOf(network)
      const wait = waitIn(window)
      if (wait === undefined) windows.set(network, { ...window, count: window.count + 1 }, window.at)
      return wait
    },
    wait: (address) => waitIn(windowOf(networkOf(address))),
  }
}
