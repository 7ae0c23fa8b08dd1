// The table of links with which people get in again.
import { type Resets, resetDigest } from '../resets.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createResets({ database, clock }: DatabaseConnection): Tables<Resets> {
  const start = database.prepare('INSERT OR REPLACE INTO resets (subject, digest, gone_at) VALUES (?, ?, ?)')
  const find = database.prepare('SELECT subject FROM resets WHERE digest = ? AND gone_at > ?')
  const end = database.prepare('DELETE FROM resets WHERE subject = ?')
  return {
    start: (subject, token, goneAt) => void start.run(subject, resetDigest(token), goneAt),
    find(token) {
      const subject = find.get(resetDigest(token), clock.now())?.['subject']
      return typeof subject === 'string' ? subject : undefined
    },
    end: (subject) => end.run(subject).changes === 1,
  }
}
