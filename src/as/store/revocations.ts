// What was revoked while its access tokens may still be alive. Kept in memory, so that every request can ask, and in
// the database, so that a restart forgets nothing and what a command revokes acts at once.
import type { Store } from './store.ts'

export type RevocationKind = 'grant' | 'token' | 'client'

export interface Revocations {
  add(kind: RevocationKind, id: string): void
  /** Epoch milliseconds of the revocation; undefined when there is none. */
  at(kind: RevocationKind, id: string): number | undefined
}

/** No access token lives longer (see the limit of `access_token_ttl`), and clocks may differ a little. */
export const REVOCATION_LIFE_MS = 24 * 3_600_000 + 300_000

/** Entries that are over are removed this often; what another process revoked acts at once. */
const FORGET_MS = 3_600_000

/** One for each store, since what one part revokes all others must see. */
const ofStore = new WeakMap<Store, Revocations>()

export function createRevocations(store: Store): Revocations {
  const known = ofStore.get(store) ?? makeRevocations(store)
  ofStore.set(store, known)
  return known
}

function makeRevocations(store: Store): Revocations {
  const { database, clock } = store
  const insert = database.prepare(
    `INSERT INTO revocations (kind, id, revoked_at, gone_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET revoked_at = excluded.revoked_at, gone_at = excluded.gone_at`,
  )
  const all = database.prepare('SELECT kind, id, revoked_at FROM revocations WHERE gone_at > ?')
  let known = new Map<string, number>()
  let version: number | undefined
  let until = 0
  const load = () => {
    const current = store.foreignVersion()
    if (current === version && clock.now() < until) return
    version = current
    until = clock.now() + FORGET_MS
    known = new Map(
      all.all(clock.now()).map((row) => [`${row['kind']} ${row['id']}`, Number(row['revoked_at'])]),
    )
  }
  return {
    add(kind, id) {
      const now = clock.now()
      insert.run(kind, id, now, now + REVOCATION_LIFE_MS)
      known.set(`${kind} ${id}`, now)
    },
    at(kind, id) {
      load()
      return known.get(`${kind} ${id}`)
    },
  }
}
