// The table of values that no longer count, as digests.
import { hash } from 'node:crypto'
import type { SingleUses } from '../single-use.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function singleUseRows({ rows, changed }: Session, { clock }: StoreParts): SingleUses {
  return {
    async use(kind, value, goneAt) {
      const added = await changed(USE, [kind, digestOfValue(value), goneAt, clock.now()])
      return added === 1 ? 'first' : 'again'
    },
    has: async (kind, value) =>
      (
        await rows('SELECT 1 FROM single_use WHERE kind = $1 AND digest = $2 AND gone_at > $3', [
          kind,
          digestOfValue(value),
          clock.now(),
        ])
      ).length > 0,
  }
}

/** A row that has expired but was not swept yet may be used again, like one that is gone. */
const USE = `INSERT INTO single_use (kind, digest, gone_at) VALUES ($1, $2, $3)
  ON CONFLICT (kind, digest) DO UPDATE SET gone_at = excluded.gone_at WHERE single_use.gone_at <= $4`

function digestOfValue(value: string): Buffer {
  return hash('sha256', value, 'buffer')
}
