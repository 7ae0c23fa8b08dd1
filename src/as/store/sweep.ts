// Removes what has expired, and clients that nobody uses.
import type { Store } from './store.ts'

export interface SweepOptions {
  readonly store: Pick<Store, 'clients' | 'clock' | 'expired'>
  readonly unusedTtlMs: number
  readonly onRemoved: (clientId: string) => void
}

/** Does a step of a pass; false when it was the last one of it, and the next step begins anew. */
export function createSweep({ store, unusedTtlMs, onRemoved }: SweepOptions): () => boolean {
  const { clients, clock, expired } = store
  return () => {
    const isMore = expired.removeSome()
    for (const id of clients.unused(clock.now() - unusedTtlMs)) {
      clients.remove(id)
      onRemoved(id)
    }
    return isMore
  }
}
