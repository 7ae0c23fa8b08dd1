// What commands did to the data, until a gateway that serves it has written it into its audit. In the same file, so
// that a change and its record are one transaction. Holds no token, secret or password.
import type { AuthorizationEvent } from '../events.ts'
import type { Store } from './store.ts'

export interface KeptEvent extends AuthorizationEvent {
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Outbox {
  put(event: AuthorizationEvent): void
  /** Oldest first, each of them once, whoever asks. */
  take(): readonly KeptEvent[]
}

export function createOutbox({ database, clock, transaction }: Store): Outbox {
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
