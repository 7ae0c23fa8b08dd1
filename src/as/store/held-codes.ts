// Codes of devices that wait for their person, by the network that asked for them (A71). Their number is bounded; when
// all places are taken, the network that holds the most loses its oldest. allowances.ts counts how often a network may
// ask.
import { createHmac, hkdfSync } from 'node:crypto'
import { keptId } from './artifacts.ts'
import type { Store } from './store.ts'

export interface HeldCodes {
  /** True when an older one was removed. */
  makeRoom(): boolean
  /** The network of one that was just kept. */
  hold(code: string, network: string): void
}

const MODEL = 'DeviceCode'
const MAX_DEVICE_CODES = 10_000

/** @param most for tests */
export function createHeldCodes({ database, clock, secret }: Store, most = MAX_DEVICE_CODES): HeldCodes {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'portcullis networks', 32))
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
  const isFull = () => Number(count.get()?.['n']) >= most
  return {
    makeRoom() {
      if (!isFull()) return false
      expired.run(clock.now())
      if (!isFull()) return false
      const network = largest.get()?.['held_by']
      const row = network instanceof Uint8Array ? oldest.get(network) : undefined
      if (row === undefined) return false
      return remove.run(row['model'] as string, row['id'] as string).changes === 1
    },
    hold(code, network) {
      const digest = createHmac('sha256', key).update(network).digest()
      hold.run(digest, MODEL, keptId(MODEL, code))
    },
  }
}
