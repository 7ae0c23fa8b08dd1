// Codes of devices among the artifacts, by a keyed digest of the network that asked for them.

import type { KeyedDigest } from '../../../lib/keyed-digest.ts'
import { artifactKey } from '../artifacts.ts'
import type { HeldCodes } from '../held-codes.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

const MODEL = 'DeviceCode'

export function createHeldCodes(
  { database, clock }: DatabaseConnection,
  digestOf: KeyedDigest,
): Tables<HeldCodes> {
  const count = database.prepare('SELECT count(*) AS n FROM artifacts WHERE held_by IS NOT NULL')
  const expired = database.prepare('DELETE FROM artifacts WHERE held_by IS NOT NULL AND expires_at <= ?')
  const largest = database.prepare(
    `SELECT held_by FROM artifacts WHERE held_by IS NOT NULL
     GROUP BY held_by ORDER BY count(*) DESC, min(created_at) LIMIT 1`,
  )
  const oldest = database.prepare(
    'SELECT model, id FROM artifacts WHERE held_by = ? ORDER BY created_at LIMIT 1',
  )
  const remove = database.prepare('DELETE FROM artifacts WHERE model = ? AND id = ?')
  const hold = database.prepare(
    'UPDATE artifacts SET held_by = ? WHERE model = ? AND id = ? AND held_by IS NULL',
  )
  const isFull = (most: number) => Number(count.get()?.['n']) >= most
  return {
    makeRoom(most) {
      if (!isFull(most)) return false
      expired.run(clock.now())
      if (!isFull(most)) return false
      const network = largest.get()?.['held_by']
      const row = network instanceof Uint8Array ? oldest.get(network) : undefined
      if (row === undefined) return false
      return remove.run(row['model'] as string, row['id'] as string).changes === 1
    },
    hold(code, network) {
      hold.run(digestOf(network), MODEL, artifactKey(MODEL, code))
    },
  }
}
