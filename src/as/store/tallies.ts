// Counts of what may not be done too often, where a restart must not forget them: tries at a name, registrations from
// an address. Bounded; keys stand here as keyed digests, since people type passwords where a name belongs.
import { createHmac, hkdfSync } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Store } from './store.ts'

export interface Tally {
  readonly count: number
  /** Epoch milliseconds; the caller decides of which event. */
  readonly at: number
}

export interface Tallies {
  get(key: string): Tally | undefined
  /** @param goneAt epoch milliseconds */
  set(key: string, tally: Tally, goneAt: number): void
  delete(key: string): void
}

/** When the table is full this share of it is removed at once, so that a flood does not cause a search at each step. */
export const MADE_ROOM = 0.1

/** @param most of them; what was counted least goes first, so that a flood of new keys hides no high count */
export function createTallies(store: Store, kind: string, most: number): Tallies {
  const { database, clock, fleeting, transaction } = store
  const secret = Buffer.from(hkdfSync('sha256', store.secret, '', 'portcullis tallies', 32))
  const digest = (key: string) => createHmac('sha256', secret).update(`${kind} ${key}`).digest()
  const sql = prepare(database)
  const countAll = () => Number(sql.size.get(kind)?.['n'])
  let size = countAll()
  const makeRoom = () => {
    size -= Number(sql.sweep.run(kind, clock.now()).changes)
    if (size < most) return
    sql.shorten.run(kind, Math.ceil(most * MADE_ROOM))
    size = countAll()
  }
  return {
    get(key) {
      const row = sql.get.get(kind, digest(key), clock.now())
      return row && { count: Number(row['count']), at: Number(row['at']) }
    },
    set: (key, { count, at }, goneAt) =>
      fleeting(() =>
        transaction(() => {
          const id = digest(key)
          if (sql.change.run(count, at, goneAt, kind, id).changes === 1) return
          makeRoom()
          sql.insert.run(kind, id, count, at, goneAt)
          size += 1
        }),
      ),
    delete(key) {
      size -= Number(fleeting(() => sql.remove.run(kind, digest(key))).changes)
    },
  }
}

function prepare(database: DatabaseSync) {
  return {
    get: database.prepare('SELECT count, at FROM tallies WHERE kind = ? AND key = ? AND gone_at > ?'),
    change: database.prepare('UPDATE tallies SET count = ?, at = ?, gone_at = ? WHERE kind = ? AND key = ?'),
    insert: database.prepare('INSERT INTO tallies (kind, key, count, at, gone_at) VALUES (?, ?, ?, ?, ?)'),
    remove: database.prepare('DELETE FROM tallies WHERE kind = ? AND key = ?'),
    sweep: database.prepare('DELETE FROM tallies WHERE kind = ? AND gone_at <= ?'),
    size: database.prepare('SELECT count(*) AS n FROM tallies WHERE kind = ?'),
    shorten: database.prepare(
      `DELETE FROM tallies WHERE (kind, key) IN
         (SELECT kind, key FROM tallies WHERE kind = ? ORDER BY count, at LIMIT ?)`,
    ),
  }
}
