// The table of counts, with a bound for each kind. Keys stand here as keyed digests.
import type { DatabaseSync } from 'node:sqlite'
import { createKeyedDigest } from '../../../lib/keyed-digest.ts'
import { EVICTION_SHARE, type Tallies, type TallyKind } from '../tallies.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createTallies(connection: DatabaseConnection): Tables<Tallies> {
  const { database, clock, secret, fleeting, transaction, rollbacks } = connection
  const digestOf = createKeyedDigest(secret, 'tallies')
  const digest = (kind: TallyKind, key: string) => digestOf(`${kind.name} ${key}`)
  const sql = prepare(database)
  const sizes = new Map<string, number>()
  let counted = rollbacks()
  const count = ({ name }: TallyKind) => {
    const size = Number(sql.size.get(name)?.['n'])
    sizes.set(name, size)
    return size
  }
  const sizeOf = (kind: TallyKind) => {
    if (counted !== rollbacks()) sizes.clear() // what was added may have been taken back
    counted = rollbacks()
    return sizes.get(kind.name) ?? count(kind)
  }
  const change = (kind: TallyKind, by: number) => sizes.set(kind.name, sizeOf(kind) + by)
  const makeRoom = (kind: TallyKind) => {
    change(kind, -Number(sql.sweep.run(kind.name, clock.now()).changes))
    if (sizeOf(kind) < kind.most) return
    sql.shorten.run(kind.name, Math.ceil(kind.most * EVICTION_SHARE))
    count(kind)
  }
  return {
    get(kind, key) {
      const row = sql.get.get(kind.name, digest(kind, key), clock.now())
      return row && { count: Number(row['count']), at: Number(row['at']) }
    },
    set: (kind, key, tally, goneAt) =>
      fleeting(() =>
        transaction(() => {
          const id = digest(kind, key)
          if (sql.change.run(tally.count, tally.at, goneAt, kind.name, id).changes === 1) return
          makeRoom(kind)
          sql.insert.run(kind.name, id, tally.count, tally.at, goneAt)
          change(kind, 1)
        }),
      ),
    delete(kind, key) {
      change(kind, -Number(fleeting(() => sql.remove.run(kind.name, digest(kind, key))).changes))
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
