// Removes what has expired, and clients that nobody uses. Nothing reads an expired row, so it may run at any time. It
// works in small steps, since requests wait meanwhile.
import type { Clients } from './clients.ts'
import { REVOCATION_LIFE_MS } from './revocations.ts'
import type { Store } from './store.ts'

export interface SweepOptions {
  readonly store: Store
  readonly clients: Clients
  readonly unusedTtlMs: number
  readonly onRemoved: (clientId: string) => void
}

/** Rows of one step, which takes some milliseconds. */
const MAX_ROWS = 500

/** Does a step of a pass; false when it was the last one of it, and the next step begins anew. */
export function createSweep({ store, clients, unusedTtlMs, onRemoved }: SweepOptions): () => boolean {
  const sql = prepare(store)
  let reached = { at: 0, id: '' }
  /** A grant outlives its tokens as long as an access token of it may be asked about. */
  const loneGrants = (now: number) => {
    const old = sql.grants.all(now - REVOCATION_LIFE_MS, reached.at, reached.id, MAX_ROWS)
    for (const { id, created_at: at } of old) {
      reached = { at: Number(at), id: String(id) }
      if (sql.tokenOf.get(reached.id) === undefined) sql.removeGrant.run(reached.id)
    }
    if (old.length === MAX_ROWS) return true
    reached = { at: 0, id: '' }
    return false
  }
  return () => {
    const now = store.clock.now()
    const isMore = store.transaction(() => {
      const expired = Number(sql.expired.run(now, MAX_ROWS).changes)
      sql.revocations.run(now)
      sql.keys.run(now)
      return expired === MAX_ROWS || loneGrants(now)
    })
    for (const id of clients.unused(now - unusedTtlMs)) {
      clients.remove(id)
      onRemoved(id)
    }
    return isMore
  }
}

function prepare({ database }: Store) {
  return {
    expired: database.prepare(
      `DELETE FROM artifacts WHERE (model, id) IN
         (SELECT model, id FROM artifacts WHERE expires_at < ? LIMIT ?)`,
    ),
    grants: database.prepare(
      `SELECT id, created_at FROM artifacts INDEXED BY artifacts_grant_age
       WHERE model = 'Grant' AND created_at < ? AND (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`,
    ),
    tokenOf: database.prepare('SELECT 1 FROM artifacts WHERE grant_id = ? LIMIT 1'),
    removeGrant: database.prepare(`DELETE FROM artifacts WHERE model = 'Grant' AND id = ?`),
    revocations: database.prepare('DELETE FROM revocations WHERE gone_at < ?'),
    keys: database.prepare('DELETE FROM signing_keys WHERE gone_at < ?'),
  }
}
