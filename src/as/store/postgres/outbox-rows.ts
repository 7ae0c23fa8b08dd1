// The table of what commands did, until the audit has it.
import type { AuthorizationEvent } from '../../events.ts'
import type { Outbox } from '../outbox.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function outboxRows({ rows, changed }: Session, { clock }: StoreParts): Outbox {
  return {
    async put(event) {
      await changed('INSERT INTO told_later (at, event) VALUES ($1, $2)', [
        clock.now(),
        JSON.stringify(event),
      ])
    },
    async take() {
      const taken = await rows(TAKE)
      return taken
        .toSorted((one, other) => Number(one['id']) - Number(other['id']))
        .map((row) => ({
          ...(JSON.parse(String(row['event'])) as AuthorizationEvent),
          at: Number(row['at']),
        }))
    },
  }
}

const TAKE = `DELETE FROM told_later WHERE id IN (SELECT id FROM told_later ORDER BY id FOR UPDATE SKIP LOCKED)
  RETURNING id, at, event`
