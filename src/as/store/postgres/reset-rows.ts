// The table of links with which people get in again.
import { type Resets, resetDigest } from '../resets.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function resetRows({ rows, changed }: Session, { clock }: StoreParts): Resets {
  return {
    async start(subject, token, goneAt) {
      await changed(START, [subject, resetDigest(token), goneAt])
    },
    async find(token) {
      const [row] = await rows('SELECT subject FROM resets WHERE digest = $1 AND gone_at > $2', [
        resetDigest(token),
        clock.now(),
      ])
      return row && String(row['subject'])
    },
    end: async (subject) => (await changed('DELETE FROM resets WHERE subject = $1', [subject])) === 1,
  }
}

const START = `INSERT INTO resets (subject, digest, gone_at) VALUES ($1, $2, $3)
  ON CONFLICT (subject) DO UPDATE SET digest = excluded.digest, gone_at = excluded.gone_at`
