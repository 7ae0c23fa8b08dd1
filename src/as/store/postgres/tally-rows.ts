// The table of counts, with a bound for each kind. Keys stand here as keyed digests. Room is looked for after every so
// many new keys, since counting costs; so a kind may stand over its bound by a few, for each process that counts.
import { EVICTION_SHARE, type Tallies, type TallyKind } from '../tallies.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

/** The part of a bound that is added before room is looked for. */
const UNCOUNTED = 0.05

export function tallyRows(session: Session, parts: StoreParts): Tallies {
  const { rows, changed } = session
  const { clock, tallyDigest, addedTallies } = parts
  const digest = (kind: TallyKind, key: string) => tallyDigest(`${kind.name} ${key}`)
  return {
    async get(kind, key) {
      const [row] = await rows(
        'SELECT count, at FROM tallies WHERE kind = $1 AND key = $2 AND gone_at > $3',
        [kind.name, digest(kind, key), clock.now()],
      )
      return row && { count: Number(row['count']), at: Number(row['at']) }
    },
    async set(kind, key, { count, at }, goneAt) {
      const [row] = await rows(SET, [kind.name, digest(kind, key), count, at, goneAt])
      if (row?.['is_new'] !== true) return
      const added = (addedTallies.get(kind.name) ?? 0) + 1
      const isDue = added >= kind.most * UNCOUNTED
      addedTallies.set(kind.name, isDue ? 0 : added)
      if (isDue) await makeRoom(session, kind, clock.now())
    },
    async delete(kind, key) {
      await changed('DELETE FROM tallies WHERE kind = $1 AND key = $2', [kind.name, digest(kind, key)])
    },
  }
}

async function makeRoom({ rows, changed }: Session, { name, most }: TallyKind, now: number): Promise<void> {
  await changed('DELETE FROM tallies WHERE kind = $1 AND gone_at <= $2', [name, now])
  const [row] = await rows('SELECT count(*) AS n FROM tallies WHERE kind = $1', [name])
  if (Number(row?.['n']) < most) return
  await changed(SHORTEN, [name, Math.ceil(most * EVICTION_SHARE)])
}

const SET = `INSERT INTO tallies (kind, key, count, at, gone_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (kind, key) DO UPDATE SET count = excluded.count, at = excluded.at, gone_at = excluded.gone_at
  RETURNING xmax = 0 AS is_new`
const SHORTEN = `DELETE FROM tallies WHERE (kind, key) IN
  (SELECT kind, key FROM tallies WHERE kind = $1 ORDER BY count, at LIMIT $2)`
