// The table of values that no longer count, as digests.
import { createHash } from 'node:crypto'
import type { SingleUses } from '../single-use.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createSingleUses({ database, clock }: DatabaseConnection): Tables<SingleUses> {
  const sweep = database.prepare('DELETE FROM single_use WHERE gone_at <= ?')
  const use = database.prepare(
    'INSERT INTO single_use (kind, digest, gone_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const has = database.prepare('SELECT 1 FROM single_use WHERE kind = ? AND digest = ? AND gone_at > ?')
  return {
    use(kind, value, goneAt) {
      sweep.run(clock.now())
      return use.run(kind, digest(value), goneAt).changes === 1 ? 'first' : 'again'
    },
    has: (kind, value) => has.get(kind, digest(value), clock.now()) !== undefined,
  }
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
