// The table of what oidc-provider keeps. Payloads are sealed; consuming is one compare-and-set.
import type { DatabaseSync } from 'node:sqlite'
import {
  type Artifact,
  type Artifacts,
  artifactKey,
  handleDigest,
  type NewArtifact,
  RECORD_COLUMNS,
  toArtifact,
  toRecord,
} from '../artifacts.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

/**
 * A power cut may lose these, since signing in or registering again makes them anew. A sign-in writes a dozen of them, and
 * other requests should not wait for the disk.
 */
const FLEETING: ReadonlySet<string> = new Set(['Session', 'Interaction', 'RegistrationAccessToken'])

export function createArtifacts({ database, seal, clock, fleeting }: DatabaseConnection): Tables<Artifacts> {
  const sql = prepare(database)
  const row = (...kept: NewArtifact) => {
    const record = toRecord(kept, clock.now(), seal)
    return RECORD_COLUMNS.map((column) => record[column])
  }
  const read = (model: string, found: Record<string, unknown> | undefined): Artifact | undefined =>
    found && toArtifact(model, found, seal)

  return {
    save(model, ...kept) {
      const values = row(model, ...kept)
      if (FLEETING.has(model)) fleeting(() => sql.save.run(...values))
      else sql.save.run(...values)
    },
    insert: (...kept) => sql.insert.run(...row(...kept)).changes === 1,
    has: (model, id) => sql.byId.get(model, artifactKey(model, id), clock.now()) !== undefined,
    find: (model, id) => read(model, sql.byId.get(model, artifactKey(model, id), clock.now())),
    findBy: (column, model, value) =>
      read(model, sql.by[column].get(handleDigest(value), model, clock.now())),
    consume: (model, id) =>
      sql.consume.run(Math.floor(clock.now() / 1_000), model, artifactKey(model, id)).changes === 1,
    keepAnswer: (model, id, { sealed, successor, until }) =>
      void sql.keepAnswer.run(sealed, successor, until, model, artifactKey(model, id)),
    answerOf(model, id) {
      const found = sql.answer.get(model, artifactKey(model, id))
      return (
        found && {
          sealed: found['answer'] as Uint8Array,
          successor: String(found['successor']),
          until: Number(found['answer_until']),
        }
      )
    },
    isUnused: (model, id) => sql.unused.get(model, id, clock.now()) !== undefined,
    destroy(model, id) {
      const remove = () => sql.destroy.run(model, artifactKey(model, id))
      if (model === 'Interaction') fleeting(remove)
      else remove() // who signed out stays signed out
    },
    destroyOfGrant: (model, grantId) => void sql.destroyOfGrant.run(grantId, model),
  }
}

function prepare(database: DatabaseSync) {
  const columns = RECORD_COLUMNS.join(', ')
  const values = `INSERT INTO artifacts (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  const select = 'SELECT id, payload, consumed_at FROM artifacts WHERE'
  const alive = '(expires_at IS NULL OR expires_at > ?)'
  return {
    insert: database.prepare(`${values} ON CONFLICT DO NOTHING`),
    save: database.prepare(
      `${values} ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload,
         grant_id = excluded.grant_id, account_id = excluded.account_id, client_id = excluded.client_id,
         user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`,
    ),
    byId: database.prepare(`${select} model = ? AND id = ? AND ${alive}`),
    by: {
      uid: database.prepare(`${select} uid = ? AND model = ? AND ${alive}`),
      user_code: database.prepare(`${select} user_code = ? AND model = ? AND ${alive}`),
    },
    consume: database.prepare(
      'UPDATE artifacts SET consumed_at = ? WHERE model = ? AND id = ? AND consumed_at IS NULL',
    ),
    keepAnswer: database.prepare(
      'UPDATE artifacts SET answer = ?, successor = ?, answer_until = ? WHERE model = ? AND id = ?',
    ),
    answer: database.prepare(
      'SELECT answer, successor, answer_until FROM artifacts WHERE model = ? AND id = ? AND answer IS NOT NULL',
    ),
    unused: database.prepare(
      `SELECT 1 FROM artifacts WHERE model = ? AND id = ? AND consumed_at IS NULL AND ${alive}`,
    ),
    destroy: database.prepare('DELETE FROM artifacts WHERE model = ? AND id = ?'),
    destroyOfGrant: database.prepare('DELETE FROM artifacts WHERE grant_id = ? AND model = ?'),
  }
}
