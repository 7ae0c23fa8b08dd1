// How often one address may try something (H3, A35, A42): counted in windows, bounded in memory, lost at a restart.
import { LRUCache } from 'lru-cache'
import { PATHS } from '../../core/authorization-paths.ts'
import { networkOf } from '../../core/network.ts'
import type { StoreClock } from '../store/store.ts'
import type { Allowances } from './parts.ts'

export interface Allowance {
  /** Counts one. Seconds to wait when the allowance is used up; undefined when it was not. */
  take(address: string): number | undefined
  /** The same without counting. */
  wait(address: string): number | undefined
  /** What was taken before its outcome was known, and turned out to be fine. */
  giveBack(address: string): void
}

export interface AllowanceOptions {
  readonly count: number
  readonly windowMs: number
  readonly clock: StoreClock
}

const MAX_ADDRESSES = 10_000
/** Where a secret, a code or a token can be guessed. What goes well there is not counted: one address may be a hundred
 * thousand people, when a client has a server of its own. */
const GUESSED = [PATHS.token, PATHS.revocation, PATHS.introspection]

export function createAllowances(clock: StoreClock): Allowances {
  const perAddress = (count: number, minutes: number) =>
    createAllowance({ count, windowMs: minutes * 60_000, clock })
  return {
    registrations: perAddress(100, 60),
    authorizations: perAddress(300, 15),
    devices: perAddress(100, 15),
    documents: perAddress(60, 1),
    userCodes: perAddress(5, 1),
    failures: new Map(GUESSED.map((path) => [path, perAddress(300, 15)])),
  }
}

export function createAllowance({ count, windowMs, clock }: AllowanceOptions): Allowance {
  const windows = new LRUCache<string, { readonly endsAt: number; used: number }>({ max: MAX_ADDRESSES })
  const windowOf = (address: string) => {
    const network = networkOf(address)
    const known = windows.get(network)
    if (known !== undefined && clock.now() < known.endsAt) return known
    const fresh = { endsAt: clock.now() + windowMs, used: 0 }
    windows.set(network, fresh)
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
    giveBack(address) {
      const window = windowOf(address)
      window.used = Math.max(0, window.used - 1)
    },
  }
}
