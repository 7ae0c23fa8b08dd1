// One transaction at a time on the one connection, and nothing of anybody else in between: a transaction may await, and
// whatever others ask for meanwhile waits for its end, in order.
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Durability, OUTSIDE_TRANSACTION, TRANSACTION_OVER } from '../store.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Enter } from './tables.ts'

export interface Transactions {
  /** Whether one is under way. */
  isOpen(): boolean
  /** Outside of every transaction. */
  enter: Enter
  /** @param work gets a way in that ends with the transaction */
  run<T>(work: (within: Enter) => Promise<T>, durability: Durability): Promise<T>
}

export function createTransactions({ begin, commit, rollback }: DatabaseConnection): Transactions {
  /** Resolved when the transaction that is under way has ended. */
  let ending: Promise<void> | undefined
  const inside = new AsyncLocalStorage<Promise<void>>()
  /** Looked at again after each wait: whoever waited longer may have begun one. */
  const refuseInside = () => {
    if (inside.getStore() === ending) throw new Error(OUTSIDE_TRANSACTION)
  }
  return {
    isOpen: () => ending !== undefined,
    async enter(work) {
      while (ending !== undefined) {
        refuseInside()
        await ending
      }
      return work()
    },
    async run(work, durability) {
      while (ending !== undefined) {
        refuseInside()
        await ending
      }
      const end = Promise.withResolvers<void>()
      ending = end.promise
      let isOver = false
      const within: Enter = async (step) => {
        if (isOver) throw new Error(TRANSACTION_OVER)
        return step()
      }
      try {
        begin(durability)
        const result = await inside.run(ending, () => work(within))
        isOver = true
        commit()
        return result
      } catch (error) {
        rollback()
        throw error
      } finally {
        isOver = true
        ending = undefined
        end.resolve()
      }
    },
  }
}
