// Everything that one token request writes becomes true together, or not at all: a code that was consumed without an
// answer, or a rotated refresh token whose successor is lost, would lock an honest client out (H7). Reads see what
// is committed. Ending things (revocation) does not wait: that happens even when the request is refused.
import { AsyncLocalStorage } from 'node:async_hooks'
import { errors } from 'oidc-provider'
import type { Repositories, Store } from '../store/store.ts'

/** One write, done with the repositories of its transaction. */
export type Change = (within: Repositories) => Promise<void>

export interface UnitOfWork {
  /** Writes now, or at the commit of the current unit. May throw to undo the whole unit. */
  write(change: Change): Promise<void>
  /**
   * Runs `work` as one unit; nothing is written when it throws.
   * @param isUnused The caller has just read the artifact as unused. `work` relies on that; the compare-and-set at commit
   * settles it, and throws `UsedMeanwhile` if another request won.
   */
  run<T>(work: () => Promise<T>, isUnused?: boolean): Promise<T>
  /** Runs `work` to see whether it would succeed if nothing had been used before; writes nothing. */
  rehearse<T>(work: () => Promise<T>): Promise<T>
  /** Whether an artifact is read as unused, whatever the store says. */
  readonly takesAsUnused: boolean
}

/** Another request consumed the artifact first, perhaps in another process. */
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
