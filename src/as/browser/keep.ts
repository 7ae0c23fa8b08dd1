// What sessions of browsers need to be kept: a clock, the secret that seals them, and values that no longer count. Over
// the store of the authorization server where there is one; else in memory, since a cookie holds everything but these.
import { hash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { createSingleUse, type SingleUse } from '../store/single-use.ts'
import type { Store, StoreClock } from '../store/store.ts'

export interface Keep {
  readonly clock: StoreClock
  /** At least 32 bytes. */
  readonly secret: Buffer
  /** @param kind each has values of its own */
  singleUse(kind: string): SingleUse
}

export function keepIn(store: Store): Keep {
  const { clock, secret } = store
  return { clock, secret, singleUse: (kind) => createSingleUse(store, kind) }
}

/** Of each kind, in memory. */
const MAX_VALUES = 10_000

/** Lost at a restart, with the secret when none is given. Made once, so that a reload forgets nothing. */
export function createPassingKeep(clock: StoreClock): (secret: Buffer | undefined) => Keep {
  const random = randomBytes(32)
  const kinds = new Map<string, SingleUse>()
  const singleUse = (kind: string) => {
    const known = kinds.get(kind) ?? createPassingUse(clock)
    kinds.set(kind, known)
    return known
  }
  return (secret = random) => ({ clock, secret, singleUse })
}

function createPassingUse(clock: StoreClock): SingleUse {
  const ends = new LRUCache<string, number>({ max: MAX_VALUES })
  const digest = (value: string) => hash('sha256', value, 'base64url')
  const has = (value: string) => (ends.get(digest(value)) ?? 0) > clock.now()
  return {
    use(value, goneAt) {
      if (has(value)) return false
      ends.set(digest(value), goneAt)
      return true
    },
    has,
  }
}
