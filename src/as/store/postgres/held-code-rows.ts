// Codes of devices among the artifacts, by a keyed digest of the network that asked for them.
import { artifactKey } from '../artifacts.ts'
import type { HeldCodes } from '../held-codes.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

const MODEL = 'DeviceCode'

export function heldCodeRows({ rows, changed }: Session, { clock, networkDigest }: StoreParts): HeldCodes {
  const isFull = async (most: number) => {
    const [row] = await rows(
      'SELECT count(*) AS n FROM (SELECT 1 FROM artifacts WHERE held_by IS NOT NULL LIMIT $1) AS held',
      [most],
    )
    return Number(row?.['n']) >= most
  }
  return {
    async makeRoom(most) {
      if (!(await isFull(most))) return false
      await changed('DELETE FROM artifacts WHERE held_by IS NOT NULL AND expires_at <= $1', [clock.now()])
      if (!(await isFull(most))) return false
      return (await changed(OLDEST_OF_LARGEST)) === 1
    },
    async hold(code, network) {
      await changed('UPDATE artifacts SET held_by = $1 WHERE model = $2 AND id = $3 AND held_by IS NULL', [
        networkDigest(network),
        MODEL,
        artifactKey(MODEL, code),
      ])
    },
  }
}

const OLDEST_OF_LARGEST = `DELETE FROM artifacts WHERE (model, id) IN
  (SELECT model, id FROM artifacts WHERE held_by =
     (SELECT held_by FROM artifacts WHERE held_by IS NOT NULL
      GROUP BY held_by ORDER BY count(*) DESC, min(created_at) LIMIT 1)
   ORDER BY created_at LIMIT 1)`
