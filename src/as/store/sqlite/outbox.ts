// The table of what commands did, until the audit has it.
import type { AuthorizationEvent } from '../../events.ts'
import type { Outbox } from '../outbox.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createOutbox({ database, clock, transaction }: DatabaseConnection): Tables<Outbox> {
  const put = database.prepare('INSERT INTO told_later (at, event) VALUES (?, ?)')
  const all = database.prepare('SELECT id, at, event FROM told_later ORDER BY id')
  const remove = database.prepare('DELETE FROM told_later WHERE id <= ?')
  return {
    put: (event) => void put.run(clock.now(), JSON.stringify(event)),
    take() {
      if (all.get() === undefined) return [] // a look costs no write
      return transaction(() => {
        const rows = all.all()
        remove.run(rows.at(-1)?.['id'] ?? 0)
        return rows.map((row) => ({
          ...(JSON.parse(String(row['event'])) as AuthorizationEvent),
          at: Number(row['at']),
        }))
      })
    },
  }
}
