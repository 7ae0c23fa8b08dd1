// The table of revocations, and the copy of it in memory that each request asks.
import { REVOCATION_LIFE_MS, type Revocations } from '../revocations.ts'
import type { DatabaseConnection } from './connection.ts'

/** Entries that are over are removed this often; what another process revoked acts at once. */
const FORGET_MS = 3_600_000

export function createRevocations({ database, clock, foreignVersion }: DatabaseConnection): Revocations {
  const insert = database.prepare(
    `INSERT INTO revocations (kind, id, revoked_at, gone_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET revoked_at = excluded.revoked_at, gone_at = excluded.gone_at`,
  )
  const all = database.prepare('SELECT kind, id, revoked_at FROM revocations WHERE gone_at > ?')
  let known = new Map<string, number>()
  let version: number | undefined
  let until = 0
  const load = () => {
    const current = foreignVersion()
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
