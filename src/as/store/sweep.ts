// Removes what has expired, and clients that nobody uses. Nothing reads an expired row, so it may run at any time.
import type { Clients } from './clients.ts'
import { REVOCATION_LIFE_MS } from './revocations.ts'
import type { Store } from './store.ts'

export interface SweepOptions {
  readonly store: Store
  readonly clients: Clients
  readonly unusedTtlMs: number
  readonly onRemoved: (clientId: string) => void
}

/** One pass. */
export function sweep({ store, clients, unusedTtlMs, onRemoved }: SweepOptions): void {
  const now = store.clock.now()
  store.transaction(() => {
    const { database } = store
    database.prepare('DELETE FROM artifacts WHERE expires_at < ?').run(now)
    // A grant outlives its tokens as long as an access token of it may be asked about.
    database
      .prepare(
        `DELETE FROM artifacts WHERE model = 'Grant' AND created_at < ?
           AND NOT EXISTS (SELECT 1 FROM artifacts AS token WHERE token.grant_id = artifacts.id)`,
      )
      .run(now - REVOCATION_LIFE_MS)
    database.prepare('DELETE FROM revocations WHERE gone_at < ?').run(now)
    database.prepare('DELETE FROM signing_keys WHERE gone_at < ?').run(now)
  })
  for (const id of clients.unused(now - unusedTtlMs)) {
    clients.remove(id)
    onRemoved(id)
  }
}
