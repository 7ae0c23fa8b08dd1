// Everything that one token request writes becomes true together, or not at all: a code that was consumed without an
// answer, or a rotated refresh token whose successor is lost, would lock an honest client out (H7). Reads see what
// is committed. Ending things (revocation) does not wait: that happens even when the request is refused.
import { AsyncLocalStorage } from 'node:async_hooks'
import { errors } from 'oidc-provider'
import type { Repositories, Store } from '../store/store.ts'

/** What is written with the repositories of the transaction that it is a part of. */
export type Change = (within: Repositories) => Promise<void>

export interface UnitOfWork {
  /** Now, or at the end of the unit that is under way. May throw to undo the whole unit. */
  write(change: Change): Promise<void>
  /**
   * Runs `work` as one unit; nothing is written when it throws.
   * @param isUnused what it consumes was just seen unused: it goes on as if it still were, and whether it was is found out
   * when it is consumed, at the end
   */
  run<T>(work: () => Promise<T>, isUnused?: boolean): Promise<T>
  /** Runs `work` to see whether it would go well, as if nothing had been used up before; writes nothing. */
  rehearse<T>(work: () => Promise<T>): Promise<T>
  /** Whether what is read is taken as if nobody had used it. */
  readonly takesAsUnused: boolean
}

/** Somebody else consumed it first, perhaps in another process. */
export class UsedMeanwhile extends errors.InvalidGrant {}

interface WorkUnderWay {
  readonly changes: Change[]
  readonly takesAsUnused: boolean
}

export function createUnitOfWork(store: Store): UnitOfWork {
  const current = new AsyncLocalStorage<WorkUnderWay>()
  return {
    async write(change) {
      const unit = current.getStore()
      if (unit === undefined) await change(store)
      else unit.changes.push(change)
    },
    async run(work, isUnused = false) {
      const unit: WorkUnderWay = { changes: [], takesAsUnused: isUnused }
      const result = await current.run(unit, work)
      await store.transaction(async (within) => {
        for (const change of unit.changes) await change(within)
      })
      return result
    },
    rehearse: (work) => current.run({ changes: [], takesAsUnused: true }, work),
    get takesAsUnused() {
      return current.getStore()?.takesAsUnused === true
    },
  }
}
