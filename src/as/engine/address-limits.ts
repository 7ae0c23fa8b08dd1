// How often one address may try something (H3, A35, A42), counted in windows and bounded. In memory where a window is
// short and what is guessed is long; in the store where a restart would set somebody free.
import { PATHS } from '../../core/authorization-paths.ts'
import { networkOf } from '../../core/network.ts'
import type { Rate } from '../../core/rate.ts'
import type { AuthorizationLimits } from '../../core/settings-as.ts'
import type { RateLimit, SharedAllowances } from '../../core/shared-state.ts'
import type { MaybeAsync } from '../../core/turn.ts'
import type { Store, StoreClock } from '../store/store.ts'
import { EVICTION_SHARE, type Tally } from '../store/tallies.ts'

export interface AddressLimit {
  /** Counts one try. Returns the seconds to wait when the limit is reached; such a try is not counted. */
  take(address: string): MaybeAsync<number | undefined>
  /** What `take` would return, without counting. */
  wait(address: string): MaybeAsync<number | undefined>
  /** Uncounts one try that was counted before its outcome was known, and then went well. */
  giveBack(address: string): void
}

/** A limit whose counts survive a restart. */
export interface StoredAddressLimit {
  /** Takes a place, like `AddressLimit.take`. */
  take(address: string): Promise<number | undefined>
}

/** What one address may do, each counted apart (H3). */
export interface AddressLimits {
  readonly registrations: StoredAddressLimit
  /** Authorizations begun, and sessions with them: each is kept until it is over. */
  readonly authorizations: AddressLimit
  /** Devices that asked for a code. */
  readonly devices: AddressLimit
  /** Metadata documents fetched for one address. */
  readonly documents: AddressLimit
  /** User codes that were wrong. */
  readonly userCodes: AddressLimit
  /** Requests that failed where programs prove themselves, by endpoint. */
  readonly failures: ReadonlyMap<string, AddressLimit>
  /** Failures of one token, from addresses that are over their own limit. */
  readonly known: AddressLimit
}

const MAX_ADDRESSES = 10_000
const REGISTRATIONS = { name: 'registration', most: MAX_ADDRESSES } as const
/** Where a secret, a code or a token can be guessed. What goes well there is not counted: one address may be a hundred
 * thousand people, when a client has a server of its own. */
export const GUESSABLE_PATHS: readonly string[] = [PATHS.token, PATHS.revocation, PATHS.introspection]
/** So often one token may fail from addresses that have to wait. A device asks 12 times a minute. */
const KNOWN_TOKEN_RATE: Rate = { count: 30, seconds: 60 }

export function createAddressLimits(
  store: Store,
  limits: AuthorizationLimits,
  shared?: SharedAllowances,
): AddressLimits {
  const limit = (use: string, rate: Rate) => {
    const own = createLimitInMemory(rate, store.clock)
    return byNetwork(shared?.rateLimit(`authorization server: ${use}`, rate, own) ?? own)
  }
  return {
    registrations: createStoredLimit(limits.registrations, store),
    authorizations: limit('authorizations', limits.authorizations),
    devices: limit('devices', limits.devices),
    documents: limit('documents', limits.documents),
    userCodes: limit('user codes', limits.userCodes),
    failures: new Map(GUESSABLE_PATHS.map((path) => [path, limit(`failures at ${path}`, limits.failures)])),
    known: limit('known tokens', KNOWN_TOKEN_RATE),
  }
}

function byNetwork({ take, peek, giveBack }: RateLimit): AddressLimit {
  return {
    take: (address) => take(networkOf(address)),
    wait: (address) => peek(networkOf(address)),
    giveBack: (address) => giveBack(networkOf(address)),
  }
}

/** Windows of one kind; `at` of one is when it ends. */
function windowsOf({ count, seconds }: Rate, clock: StoreClock) {
  const windowMs = seconds * 1_000
  return {
    /** The window that counts now. */
    current(known: Tally | undefined): Tally {
      const left = known === undefined ? 0 : known.at - clock.now()
      // A window that ends too late was begun while the clock was wrong; it would lock the address out until then.
      return known !== undefined && left > 0 && left <= windowMs
        ? known
        : { count: 0, at: clock.now() + windowMs }
    },
    waitIn: ({ count: used, at }: Tally, more = 1) =>
      used + more <= count ? undefined : Math.max(1, Math.ceil((at - clock.now()) / 1_000)),
  }
}

/** A limit whose counts are lost at a restart. */
function createLimitInMemory(rate: Rate, clock: StoreClock): RateLimit {
  const { current, waitIn } = windowsOf(rate, clock)
  const windows = createTable(clock)
  const windowOf = (network: string) => current(windows.get(network))
  return {
    take(network, more = 1) {
      const window = windowOf(network)
      const wait = waitIn(window, more)
      if (wait === undefined) windows.set(network, { ...window, count: window.count + more })
      return wait
    },
    peek: (network, more) => waitIn(windowOf(network), more),
    giveBack(network, fewer = 1) {
      const window = windowOf(network)
      if (window.count > 0) windows.set(network, { ...window, count: Math.max(0, window.count - fewer) })
    },
  }
}

interface Table {
  get(key: string): Tally | undefined
  set(key: string, window: Tally): void
}

/**
 * Windows that are over go first, then those with the lowest counts, so that a flood of new addresses removes no high
 * count.
 */
function createTable(clock: StoreClock): Table {
  const windows = new Map<string, Tally>()
  const makeRoom = () => {
    for (const [key, { at }] of windows) if (at <= clock.now()) windows.delete(key)
    if (windows.size < MAX_ADDRESSES) return
    const least = [...windows].sort(([, one], [, other]) => one.count - other.count)
    for (const [key] of least.slice(0, MAX_ADDRESSES * EVICTION_SHARE)) windows.delete(key)
  }
  return {
    get: (key) => windows.get(key),
    set(key, window) {
      if (windows.size >= MAX_ADDRESSES && !windows.has(key)) makeRoom()
      windows.set(key, window)
    },
  }
}

/** A limit in the store. It reads and counts in one transaction, so that concurrent tries are all counted. */
function createStoredLimit(rate: Rate, { clock, transaction }: Store): StoredAddressLimit {
  const { current, waitIn } = windowsOf(rate, clock)
  return {
    take: (address) =>
      transaction(async ({ tallies }) => {
        const network = networkOf(address)
        const window = current(await tallies.get(REGISTRATIONS, network))
        const wait = waitIn(window)
        if (wait === undefined)
          await tallies.set(REGISTRATIONS, network, { ...window, count: window.count + 1 }, window.at)
        return wait
      }, 'fleeting'),
  }
}
