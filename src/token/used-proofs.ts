// Remembers proofs that were used, in bounded memory. When the share of a caller, or the whole table, is full of proofs
// that could still be replayed, a new proof is refused. That is safe; forgetting a used proof is not.
import type { ProofMade, UsedProofs } from '../core/shared-state.ts'
import type { TableBounds } from '../core/shared-table.ts'
import { createShares } from '../core/shares.ts'
import type { Clock } from './clock.ts'

/** Used proofs in memory, which answer without a promise. */
export interface UsedProofsInMemory extends UsedProofs {
  remember(caller: string, id: string, made?: ProofMade): 'new' | 'seen' | 'full'
}

/**
 * Keeps two generations, so an id is remembered for one to two periods.
 * @param periodMs at least as long as a proof can be used
 * @param bounds for each generation; the share is that of one caller, with any number of keys
 */
export function createUsedProofs(clock: Clock, periodMs: number, bounds: TableBounds): UsedProofsInMemory {
  let older = new Set<string>()
  let newer = new Set<string>()
  let shares = createShares(bounds)
  let turnedAt = clock.monotonic()
  const turn = () => {
    const periods = Math.floor((clock.monotonic() - turnedAt) / periodMs)
    if (periods === 0) return
    places?.give(periods === 1 ? older.size : older.size + newer.size)
    older = periods === 1 ? newer : new Set()
    newer = new Set()
    shares = createShares(bounds)
    turnedAt += periods * periodMs
  }
  /** Only proofs that cannot be used again make room for others. */
  const places = bounds.budget?.join(() => {
    const before = older.size + newer.size
    turn()
    return older.size + newer.size < before
  })
  return {
    remember(caller, id) {
      turn()
      if (older.has(id) || newer.has(id)) return 'seen'
      if (shares.take(caller) !== undefined) return 'full'
      if (places?.take() === false) {
        shares.give(caller)
        return 'full'
      }
      newer.add(id)
      return 'new'
    },
  }
}
