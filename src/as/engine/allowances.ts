// How often one address may try something (H3, A35, A42), counted in windows and bounded. In memory where a window is
// short and what is guessed is long; in the store where a restart would set somebody free.
import { LRUCache } from 'lru-cache'
import { PATHS } from '../../core/authorization-paths.ts'
import { networkOf } from '../../core/network.ts'
import type { Store, StoreClock } from '../store/store.ts'
import { createTallies, type Tallies, type Tally } from '../store/tallies.ts'

export interface Allowance {
  /** Counts one. Seconds to wait when the allowance is used up, and then it is not counted; undefined when it was not. */
  take(address: string): number | undefined
  /** The same without counting. */
  wait(address: string): number | undefined
  /** What was taken before its outcome was known, and turned out to be fine. */
  giveBack(address: string): void
}

/** What one address may do, each counted apart (H3). */
export interface Allowances {
  readonly registrations: Allowance
  /** Authorizations begun, and sessions with them: each is kept until it is over. */
  readonly authorizations: Allowance
  /** Devices that asked for a code: the same. */
  readonly devices: Allowance
  /** Metadata documents fetched for one address. */
  readonly documents: Allowance
  /** User codes that were wrong. */
  readonly userCodes: Allowance
  /** Requests that failed where programs prove themselves, by endpoint. */
  readonly failures: ReadonlyMap<string, Allowance>
}

interface AllowanceOptions {
  readonly count: number
  readonly windowMs: number
}

const MAX_ADDRESSES = 10_000
/** Where a secret, a code or a token can be guessed. What goes well there is not counted: one address may be a hundred
 * thousand people, when a client has a server of its own. */
const GUESSED = [PATHS.token, PATHS.revocation, PATHS.introspection]

export function createAllowances(store: Store): Allowances {
  const within = (count: number, minutes: number) => ({ count, windowMs: minutes * 60_000 })
  const passing = (options: AllowanceOptions) => createAllowance(options, store.clock)
  return {
    registrations: createKeptAllowance(within(100, 60), store, 'registration'),
    authorizations: passing(within(300, 15)),
    devices: passing(within(100, 15)),
    documents: passing(within(60, 1)),
    userCodes: passing(within(5, 1)),
    failures: new Map(GUESSED.map((path) => [path, passing(within(300, 15))])),
  }
}

/** Lost at a restart. */
function createAllowance(options: AllowanceOptions, clock: StoreClock): Allowance {
  const kept = new LRUCache<string, Tally>({ max: MAX_ADDRESSES })
  return allowanceOver(options, clock, {
    get: (key) => kept.get(key),
    set: (key, window) => void kept.set(key, window),
  })
}

/** @param kind of the counts in the store */
function createKeptAllowance(options: AllowanceOptions, store: Store, kind: string): Allowance {
  return allowanceOver(options, store.clock, createTallies(store, kind, MAX_ADDRESSES))
}

/** Windows by address; `at` of one is when it ends. */
function allowanceOver(
  { count, windowMs }: AllowanceOptions,
  clock: StoreClock,
  windows: Pick<Tallies, 'get' | 'set'>,
): Allowance {
  const windowOf = (network: string): Tally => {
    const known = windows.get(network)
    const left = known === undefined ? 0 : known.at - clock.now()
    // One that ends later than it can was made while the clock was wrong, and would shut the address out until then.
    return known !== undefined && left > 0 && left <= windowMs
      ? known
      : { count: 0, at: clock.now() + windowMs }
  }
  const waitIn = ({ count: used, at }: Tally) =>
    used < count ? undefined : Math.max(1, Math.ceil((at - clock.now()) / 1_000))
  const use = (network: string, { count: used, at }: Tally, more: number) =>
    windows.set(network, { count: used + more, at }, at)
  return {
    take(address) {
      const network = networkOf(address)
      const window = windowOf(network)
      const wait = waitIn(window)
      if (wait === undefined) use(network, window, 1)
      return wait
    },
    wait: (address) => waitIn(windowOf(networkOf(address))),
    giveBack(address) {
      const network = networkOf(address)
      const window = windowOf(network)
      if (window.count > 0) use(network, window, -1)
    },
  }
}
