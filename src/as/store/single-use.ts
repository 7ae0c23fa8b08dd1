// Values that count once, or that no longer count: the `state` of a sign-in on its way, the id of a session that was
// ended. Kept as digests, each until its time is over.
import { createHash } from 'node:crypto'
import type { Store } from './store.ts'

export interface SingleUse {
  /** `goneAt`: epoch milliseconds. */
  put(value: string, goneAt: number): void
  /** True exactly once for what was put and is not gone. */
  take(value: string): boolean
  has(value: string): boolean
}

export function createSingleUse({ database, clock }: Store, kind: string): SingleUse {
  const sweep = database.prepare('DELETE FROM single_use WHERE gone_at <= ?')
  const put = database.prepare('INSERT OR REPLACE INTO single_use (kind, digest, gone_at) VALUES (?, ?, ?)')
  const take = database.prepare('DELETE FROM single_use WHERE kind = ? AND digest = ? AND gone_at > ?')
  const has = database.prepare('SELECT 1 FROM single_use WHERE kind = ? AND digest = ? AND gone_at > ?')
  return {
    put(value, goneAt) {
      sweep.run(clock.now())
      put.run(kind, digest(value), goneAt)
    },
    take: (value) => take.run(kind, digest(value), clock.now()).changes === 1,
    has: (value) => has.get(kind, digest(value), clock.now()) !== undefined,
  }
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
