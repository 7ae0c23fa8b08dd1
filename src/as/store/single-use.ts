// Values that no longer count: the `state` of a sign-in that came back, the id of a session that was ended. Kept as
// digests, each until its time is over. What was only begun leaves nothing here, since anybody may begin.
import { createHash } from 'node:crypto'
import type { Store } from './store.ts'

/** `full`: there is no room to note it, so it may not count. */
export type Use = 'first' | 'again' | 'full'

export interface SingleUse {
  /** `first` exactly once, until then. @param goneAt epoch milliseconds: when the value counts for nothing anyway */
  use(value: string, goneAt: number): Use
  /** Whether it was used. */
  has(value: string): boolean
}

export function createSingleUse({ database, clock }: Store, kind: string): SingleUse {
  const sweep = database.prepare('DELETE FROM single_use WHERE gone_at <= ?')
  const use = database.prepare(
    'INSERT INTO single_use (kind, digest, gone_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const has = database.prepare('SELECT 1 FROM single_use WHERE kind = ? AND digest = ? AND gone_at > ?')
  return {
    use(value, goneAt) {
      sweep.run(clock.now())
      return use.run(kind, digest(value), goneAt).changes === 1 ? 'first' : 'again'
    },
    has: (value) => has.get(kind, digest(value), clock.now()) !== undefined,
  }
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
