// How often a sign-in may be tried: per name, per address, and per both together, with a lock that grows. Counts in
// memory, bounded; a restart forgets. Never looks at whether a name exists, so it tells nobody.
import { LRUCache } from 'lru-cache'
import { networkOf } from '../../core/network.ts'

const MAX_ENTRIES = 20_000
/** Tries that fail before the lock begins. The name alone is generous: a stranger must not lock a person out. */
const FREE = { both: 5, name: 25, address: 50 }
const FIRST_LOCK_MS = 15_000
const LONGEST_LOCK_MS = 15 * 60_000
/** Failures are forgotten when none was added for so long. */
const MEMORY_MS = 60 * 60_000

type By = keyof typeof FREE

interface Failures {
  readonly count: number
  readonly lastAt: number
}

export interface Throttle {
  /**
   * Counts a try before its outcome is known, so that parallel guesses count too. Milliseconds to wait when it may
   * not be made; such a try is not counted.
   */
  take(name: string, address: string, now: number): number | undefined
  /** The try was right: its name is free again, and the address gets its try back. */
  succeed(name: string, address: string, now: number): void
}

export function createThrottle(): Throttle {
  const kept = new LRUCache<string, Failures>({ max: MAX_ENTRIES })
  const read = (key: string, now: number): Failures => {
    const found = kept.get(key)
    return found === undefined || now - found.lastAt > MEMORY_MS ? { count: 0, lastAt: now } : found
  }
  return {
    take(name, address, now) {
      const keys = keysOf(name, address)
      const waits = keys.map(([by, key]) => lockedFor(by, read(key, now), now))
      const longest = Math.max(...waits)
      if (longest > 0) return longest
      for (const [, key] of keys) kept.set(key, { count: read(key, now).count + 1, lastAt: now })
      return undefined
    },
    succeed(name, address, now) {
      for (const [by, key] of keysOf(name, address)) {
        const { count, lastAt } = read(key, now)
        if (by === 'address') kept.set(key, { count: Math.max(0, count - 1), lastAt })
        else kept.delete(key)
      }
    },
  }
}

function keysOf(name: string, address: string): readonly (readonly [By, string])[] {
  const network = networkOf(address)
  const folded = name.normalize('NFKC').toLowerCase().slice(0, 128)
  return [
    ['both', `both ${network} ${folded}`],
    ['name', `name ${folded}`],
    ['address', `address ${network}`],
  ]
}

/** 15 s after the last free try, then twice as long each time, to a quarter of an hour. */
function lockedFor(by: By, { count, lastAt }: Failures, now: number): number {
  const over = count - FREE[by]
  if (over < 0) return 0
  const lock = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** Math.min(over, 16))
  return Math.max(0, lastAt + lock - now)
}
