// The table of what oidc-provider keeps. Each method is one statement, so consuming is one compare-and-set.
import {
  type Artifacts,
  artifactKey,
  handleDigest,
  RECORD_COLUMNS,
  toArtifact,
  toRecord,
} from '../artifacts.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

const PLACES = RECORD_COLUMNS.map((_column, index) => `$${index + 1}`).join(', ')
const VALUES = `INSERT INTO artifacts (${RECORD_COLUMNS.join(', ')}) VALUES (${PLACES})`
/** Once made, the same thing keeps its age. */
const RENEWED = RECORD_COLUMNS.filter((column) => !['model', 'id', 'created_at'].includes(column))
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')
const FOUND = 'SELECT id, payload, consumed_at FROM artifacts WHERE'
const BY_ID = `${FOUND} model = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > $3)`
const BY = {
  uid: `${FOUND} uid = $1 AND model = $2 AND (expires_at IS NULL OR expires_at > $3)`,
  user_code: `${FOUND} user_code = $1 AND model = $2 AND (expires_at IS NULL OR expires_at > $3)`,
}

export function artifactRows(session: Session, { clock, seal }: StoreParts): Artifacts {
  const { rows, changed } = session
  const row = (...kept: Parameters<Artifacts['save']>) => {
    const record = toRecord(kept, clock.now(), seal)
    return RECORD_COLUMNS.map((column) => record[column])
  }
  return {
    async save(...kept) {
      await changed(`${VALUES} ON CONFLICT (model, id) DO UPDATE SET ${RENEWED}`, row(...kept))
    },
    insert: async (...kept) => (await changed(`${VALUES} ON CONFLICT DO NOTHING`, row(...kept))) === 1,
    async find(model, id) {
      const [found] = await rows(BY_ID, [model, artifactKey(model, id), clock.now()])
      return found && toArtifact(model, found, seal)
    },
    async findBy(column, model, value) {
      const [found] = await rows(BY[column], [handleDigest(value), model, clock.now()])
      return found && toArtifact(model, found, seal)
    },
    has: async (model, id) => (await rows(BY_ID, [model, artifactKey(model, id), clock.now()])).length > 0,
    consume: async (model, id) =>
      (await changed(
        'UPDATE artifacts SET consumed_at = $1 WHERE model = $2 AND id = $3 AND consumed_at IS NULL',
        [Math.floor(clock.now() / 1_000), model, artifactKey(model, id)],
      )) === 1,
    async keepAnswer(model, id, { sealed, successor, until }) {
      await changed(
        'UPDATE artifacts SET answer = $1, successor = $2, answer_until = $3 WHERE model = $4 AND id = $5',
        [sealed, successor, until, model, artifactKey(model, id)],
      )
    },
    async answerOf(model, id) {
      const [found] = await rows(
        'SELECT answer, successor, answer_until FROM artifacts WHERE model = $1 AND id = $2 AND answer IS NOT NULL',
        [model, artifactKey(model, id)],
      )
      return (
        found && {
          sealed: found['answer'] as Uint8Array,
          successor: String(found['successor']),
          until: Number(found['answer_until']),
        }
      )
    },
    isUnused: async (model, keptId) =>
      (await rows(`${BY_ID} AND consumed_at IS NULL`, [model, keptId, clock.now()])).length > 0,
    async destroy(model, id) {
      await changed('DELETE FROM artifacts WHERE model = $1 AND id = $2', [model, artifactKey(model, id)])
    },
    async destroyOfGrant(model, grantId) {
      await changed('DELETE FROM artifacts WHERE grant_id = $1 AND model = $2', [grantId, model])
    },
  }
}
