// Remembers proofs that were used, in bounded memory. Where one caller's share is full, or all of it, of proofs that could
// still be replayed, it takes no more: refusing a proof is safe, forgetting a used one is not.
import { createShares, shareOf } from '../core/shares.ts'
import type { Clock } from './clock.ts'

export interface UsedProofs {
  /** `new` once per id and period; `full` when it cannot be remembered. `caller`: whose share it takes. */
  remember(caller: string, id: string): 'new' | 'seen' | 'full'
}

/** How much of the memory one caller may fill, with any number of keys. */
const SHARE_PER_CALLER = 1 / 4

/**
 * Two generations: an id is remembered for one to two periods.
 * @param periodMs at least as long as a proof can be used
 * @param maxEntries for each generation
 */
export function createUsedProofs(clock: Clock, periodMs: number, maxEntries: number): UsedProofs {
  const newShares = () => createShares({ size: maxEntries, share: shareOf(maxEntries, SHARE_PER_CALLER) })
  let older = new Set<string>()
  let newer = new Set<string>()
  let shares = newShares()
  let turnedAt = clock.monotonic()
  const turn = () => {
    const periods = Math.floor((clock.monotonic() - turnedAt) / periodMs)
    if (periods === 0) return
    older = periods === 1 ? newer : new Set()
    newer = new Set()
    shares = newShares()
    turnedAt += periods * periodMs
  }
  return {
    remember(caller, id) {
      turn()
      if (older.has(id) || newer.has(id)) return 'seen'
      if (shares.take(caller) !== undefined) return 'full'
      newer.add(id)
      return 'new'
    },
  }
}
