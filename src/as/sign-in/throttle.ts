// How often a sign-in may be tried: per name, per address, and per both together, with a lock that grows. Counts stand
// in the store, so that neither a restart nor a reload sets anybody free. It never looks whether a name exists, so it
// cannot tell.
import { networkOf } from '../../core/network.ts'
import type { Store } from '../store/store.ts'
import type { Tally } from '../store/tallies.ts'

const MAX_ENTRIES = 20_000
const FAILURES = { name: 'sign-in', most: MAX_ENTRIES } as const
const KNOWN = { name: 'known at', most: MAX_ENTRIES } as const
/** Tries that fail before the lock begins. The name alone is generous: a stranger must not lock a person out. */
const FREE = { both: 5, name: 25, address: 50 }
const FIRST_LOCK_MS = 15_000
const LONGEST_LOCK_MS = 15 * 60_000
/** Failures are forgotten when none was added for so long. */
const MEMORY_MS = 60 * 60_000
/** How long a person is known at an address: strangers who guess at their name elsewhere do not lock them out there. */
const KNOWN_MS = 30 * 24 * 60 * 60_000

type By = keyof typeof FREE

export interface Throttle {
  /**
   * Counts a try before its outcome is known, so that parallel guesses count too. Milliseconds to wait when it may
   * not be made; such a try is not counted.
   */
  take(name: string, address: string): number | undefined
  /** Takes the try back when the password was never looked at. */
  giveBack(name: string, address: string): void
  /** The try was right: its name is free again, and the address gets its try back. */
  succeed(name: string, address: string): void
}

export function createThrottle(store: Store): Throttle {
  const { tallies } = store
  const { now } = store.clock
  const keep = (key: string, tally: Tally) => tallies.set(FAILURES, key, tally, tally.at + MEMORY_MS)
  const less = (key: string) => {
    const { count, at } = read(key)
    keep(key, { count: Math.max(0, count - 1), at })
  }
  const read = (key: string): Tally => {
    const kept = tallies.get(FAILURES, key)
    // Of a time that is still far off: counted while the clock was wrong, and it would lock somebody out until then.
    return kept === undefined || kept.at > now() + MEMORY_MS ? { count: 0, at: now() } : kept
  }
  return {
    take(name, address) {
      const keys = keysOf(name, address)
      const isKnown = tallies.get(KNOWN, keys.both) !== undefined
      const waits = BY.map((by) => (by === 'name' && isKnown ? 0 : lockedFor(by, read(keys[by]), now())))
      const longest = Math.max(...waits)
      if (longest > 0) return longest
      store.fleeting(() =>
        store.transaction(() => {
          for (const by of BY) keep(keys[by], { count: read(keys[by]).count + 1, at: now() })
        }),
      )
      return undefined
    },
    giveBack(name, address) {
      const keys = keysOf(name, address)
      store.fleeting(() =>
        store.transaction(() => {
          for (const by of BY) less(keys[by])
        }),
      )
    },
    succeed(name, address) {
      const keys = keysOf(name, address)
      store.fleeting(() =>
        store.transaction(() => {
          tallies.delete(FAILURES, keys.both)
          tallies.delete(FAILURES, keys.name)
          less(keys.address)
          tallies.set(KNOWN, keys.both, { count: 1, at: now() }, now() + KNOWN_MS)
        }),
      )
    },
  }
}

const BY: readonly By[] = ['both', 'name', 'address']

function keysOf(name: string, address: string): Readonly<Record<By, string>> {
  const folded = name.normalize('NFKC').toLowerCase().slice(0, 128)
  const network = networkOf(address)
  return { both: `both ${network} ${folded}`, name: `name ${folded}`, address: `address ${network}` }
}

/** 15 s after the last free try, then twice as long each time, to a quarter of an hour. */
function lockedFor(by: By, { count, at }: Tally, now: number): number {
  const over = count - FREE[by]
  if (over < 0) return 0
  const lock = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** Math.min(over, 16))
  return Math.max(0, at + lock - now)
}
