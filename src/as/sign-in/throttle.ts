// How often a sign-in may be tried: per name, per address, and per both together, with a lock that grows. Counts stand
// in the store, so that neither a restart nor a reload sets anybody free. It never looks whether a name exists, so it
// cannot tell.
import { networkOf } from '../../core/network.ts'
import type { Store } from '../store/store.ts'
import type { Tallies, Tally } from '../store/tallies.ts'

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
  take(name: string, address: string): Promise<number | undefined>
  /** Takes the try back when the password was never looked at. */
  giveBack(name: string, address: string): Promise<void>
  /** The try was right: its name is free again, and the address gets its try back. */
  succeed(name: string, address: string): Promise<void>
}

export function createThrottle({ clock: { now }, transaction }: Store): Throttle {
  /** Counts failures of a key. Attempts at the same time are counted one after the other. */
  const failuresIn = (tallies: Tallies) => {
    const read = async (key: string): Promise<Tally> => {
      const kept = await tallies.get(FAILURES, key)
      // A time far in the future was counted while the clock was wrong, and would lock somebody out until then.
      return kept === undefined || kept.at > now() + MEMORY_MS ? { count: 0, at: now() } : kept
    }
    const keep = (key: string, tally: Tally) => tallies.set(FAILURES, key, tally, tally.at + MEMORY_MS)
    return {
      read,
      more: async (key: string) => keep(key, { count: (await read(key)).count + 1, at: now() }),
      async less(key: string) {
        const { count, at } = await read(key)
        await keep(key, { count: Math.max(0, count - 1), at })
      },
    }
  }
  return {
    take: (name, address) =>
      transaction(async ({ tallies }) => {
        const keys = keysOf(name, address)
        const { read, more } = failuresIn(tallies)
        const isKnown = (await tallies.get(KNOWN, keys.both)) !== undefined
        let longest = 0
        for (const by of BY)
          if (by !== 'name' || !isKnown)
            longest = Math.max(longest, lockedFor(by, await read(keys[by]), now()))
        if (longest > 0) return longest
        for (const by of BY) await more(keys[by])
        return undefined
      }, 'fleeting'),
    giveBack: (name, address) =>
      transaction(async ({ tallies }) => {
        const keys = keysOf(name, address)
        for (const by of BY) await failuresIn(tallies).less(keys[by])
      }, 'fleeting'),
    succeed: (name, address) =>
      transaction(async ({ tallies }) => {
        const keys = keysOf(name, address)
        await tallies.delete(FAILURES, keys.both)
        await tallies.delete(FAILURES, keys.name)
        await failuresIn(tallies).less(keys.address)
        await tallies.set(KNOWN, keys.both, { count: 1, at: now() }, now() + KNOWN_MS)
      }, 'fleeting'),
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
