// Removes what has expired, and clients that nobody uses.
import type { Store } from './store.ts'

export interface SweepOptions {
  readonly store: Pick<Store, 'clients' | 'clock' | 'expired'>
  readonly unusedTtlMs: number
  readonly onRemoved: (clientId: string) => void
}

/** Does a step of a pass; false when it was the last one of it, and the next step begins anew. */
export function createSweep({ store, unusedTtlMs, onRemoved }: SweepOptions): () => Promise<boolean> {
  const { clients, clock, expired } = store
  return async () => {
    const isMore = await expired.removeSome()
    for (const id of await clients.unused(clock.now() - unusedTtlMs)) {
      await clients.remove(id)
      onRemoved(id)
    }
    return isMore
  }
}
