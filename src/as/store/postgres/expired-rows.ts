// What is over, in every table, removed in small steps. Each step is a few statements by themselves, which pass over rows
// that others work on: several processes may sweep at once.
import type { Expired } from '../expired.ts'
import { REVOCATION_LIFE_MS } from '../revocations.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

const MAX_ROWS = 500
/** The feed looks each second, and reads everything anew after a minute without. */
const CHANGES_KEPT = '10 minutes'

export function expiredRows({ rows, changed }: Session, { clock, reached }: StoreParts): Expired {
  /** A grant outlives its tokens as long as an access token of it may be asked about. */
  const loneGrants = async (now: number) => {
    const old = await rows(OLD_GRANTS, [now - REVOCATION_LIFE_MS, reached.at, reached.id, MAX_ROWS])
    const last = old.at(-1)
    if (last !== undefined) {
      await changed(LONE_GRANTS, [old.map(({ id }) => String(id))])
      Object.assign(reached, { at: Number(last['created_at']), id: String(last['id']) })
    }
    if (old.length === MAX_ROWS) return true
    Object.assign(reached, { at: 0, id: '' })
    return false
  }
  return {
    async removeSome() {
      const now = clock.now()
      const expired = await changed(EXPIRED, [now, MAX_ROWS])
      await changed('DELETE FROM revocations WHERE gone_at < $1', [now])
      await changed('DELETE FROM signing_keys WHERE gone_at < $1', [now])
      await changed('DELETE FROM single_use WHERE gone_at <= $1', [now])
      await changed('DELETE FROM login_sessions WHERE gone_at <= $1', [now])
      await changed('DELETE FROM resets WHERE gone_at <= $1', [now])
      await changed(`DELETE FROM changes WHERE written_at < now() - interval '${CHANGES_KEPT}'`)
      return expired === MAX_ROWS || (await loneGrants(now))
    },
  }
}

const EXPIRED = `DELETE FROM artifacts WHERE (model, id) IN
  (SELECT model, id FROM artifacts WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`
const OLD_GRANTS = `SELECT id, created_at FROM artifacts
  WHERE model = 'Grant' AND created_at < $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4`
const LONE_GRANTS = `DELETE FROM artifacts WHERE model = 'Grant' AND id = ANY($1)
  AND NOT EXISTS (SELECT 1 FROM artifacts AS token WHERE token.grant_id = artifacts.id)`
