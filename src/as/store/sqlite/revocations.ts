// The table of revocations, and the copy of it in memory that each request asks.
import type { LiveState } from '../live.ts'
import { REVOCATION_LIFE_MS, type Revocations } from '../revocations.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

/** Entries that are over are removed this often; what another process revoked acts at once. */
const FORGET_MS = 3_600_000

export interface RevocationTable {
  readonly tables: Tables<Revocations>
  readonly revokedAt: LiveState['revokedAt']
}

export function createRevocations(connection: DatabaseConnection): RevocationTable {
  const { database, clock, foreignVersion, afterCommit } = connection
  const insert = database.prepare(
    `INSERT INTO revocations (kind, id, revoked_at, gone_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET revoked_at = excluded.revoked_at, gone_at = excluded.gone_at`,
  )
  const all = database.prepare('SELECT kind, id, revoked_at FROM revocations WHERE gone_at > ?')
  const read = () => ({
    version: foreignVersion(),
    until: clock.now() + FORGET_MS,
    times: new Map(
      all.all(clock.now()).map((row) => [`${row['kind']} ${row['id']}`, Number(row['revoked_at'])]),
    ),
  })
  let known = read()
  const isOld = () => known.version !== foreignVersion() || known.until <= clock.now()
  return {
    tables: {
      add(kind, id) {
        const now = clock.now()
        insert.run(kind, id, now, now + REVOCATION_LIFE_MS)
        afterCommit(() => known.times.set(`${kind} ${id}`, now))
      },
    },
    revokedAt(kind, id) {
      if (!database.isTransaction && isOld()) known = read() // never what is not certain yet
      return known.times.get(`${kind} ${id}`)
    },
  }
}
