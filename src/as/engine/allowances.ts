// How often one address may try something (H3, A35, A42): counted in windows, bounded in memory, lost at a restart.
import { LRUCache } from 'lru-cache'
import type { StoreClock } from '../store/store.ts'

export interface Allowance {
  /** Counts one. Seconds to wait when the allowance is used up; undefined when it was not. */
  take(address: string): number | undefined
  /** The same without counting. */
  wait(address: string): number | undefined
}

export interface AllowanceOptions {
  readonly count: number
  readonly windowMs: number
  readonly clock: StoreClock
}

const MAX_ADDRESSES = 10_000

export function createAllowance({ count, windowMs, clock }: AllowanceOptions): Allowance {
  const windows = new LRUCache<string, { readonly endsAt: number; used: number }>({ max: MAX_ADDRESSES })
  const windowOf = (address: string) => {
    const known = windows.get(address)
    if (known !== undefined && clock.now() < known.endsAt) return known
    const fresh = { endsAt: clock.now() + windowMs, used: 0 }
    windows.set(address, fresh)
    return fresh
  }
  const waitIn = ({ endsAt, used }: { readonly endsAt: number; readonly used: number }) =>
    used < count ? undefined : Math.max(1, Math.ceil((endsAt - clock.now()) / 1_000))
  return {
    take(address) {
      const window = windowOf(address)
      const wait = waitIn(window)
      window.used += 1
      return wait
    },
    wait: (address) => waitIn(windowOf(address)),
  }
}
