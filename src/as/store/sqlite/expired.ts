// What is over, in every table, removed in small steps.
import type { Expired } from '../expired.ts'
import { REVOCATION_LIFE_MS } from '../revocations.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

/** Rows of one step, which takes some milliseconds. */
const MAX_ROWS = 500

export function createExpired(connection: DatabaseConnection): Tables<Expired> {
  const sql = prepare(connection)
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
  return {
    removeSome: () =>
      connection.transaction(() => {
        const now = connection.clock.now()
        const expired = Number(sql.expired.run(now, MAX_ROWS).changes)
        sql.revocations.run(now)
        sql.keys.run(now)
        sql.loginSessions.run(now)
        sql.resets.run(now)
        return expired === MAX_ROWS || loneGrants(now)
      }),
  }
}

function prepare({ database }: DatabaseConnection) {
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
    loginSessions: database.prepare('DELETE FROM login_sessions WHERE gone_at <= ?'),
    resets: database.prepare('DELETE FROM resets WHERE gone_at <= ?'),
  }
}
