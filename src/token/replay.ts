// Remembers proofs that were used, in bounded memory. When it is full of proofs that could still be replayed it
// takes no more: refusing a new caller is safe, forgetting an old proof is not.
import type { Clock } from './clock.ts'

export interface ReplayStore {
  /** `new` once per id and period; `full` when it cannot be remembered. */
  remember(id: string): 'new' | 'seen' | 'full'
}

/**
 * Two generations: an id is remembered for one to two periods.
 * @param periodMs at least as long as a proof can be used
 * @param maxEntries for each generation
 */
export function createReplayStore(clock: Clock, periodMs: number, maxEntries: number): ReplayStore {
  let older = new Set<string>()
  let newer = new Set<string>()
  let turnedAt = clock.monotonic()
  const turn = () => {
    const periods = Math.floor((clock.monotonic() - turnedAt) / periodMs)
    if (periods === 0) return
    older = periods === 1 ? newer : new Set()
    newer = new Set()
    turnedAt += periods * periodMs
  }
  return {
    remember(id) {
      turn()
      if (older.has(id) || newer.has(id)) return 'seen'
      if (newer.size >= maxEntries) return 'full'
      newer.add(id)
      return 'new'
    },
  }
}
