// The tables of OAuth clients and of who holds them. Metadata is sealed, because it holds their secrets; the counts by
// network are kept by triggers of the database.
import type { ClientHolders } from '../client-holders.ts'
import { type Clients, clientPlace, registeredName, TOUCH_MS, toClient } from '../clients.ts'
import type { StoreParts } from './parts.ts'
import type { Row, Session } from './session.ts'

const COLUMNS = 'id, origin, payload, created_at, used_at'

export function clientRows(session: Session, { clock, seal, networkDigest }: StoreParts): Clients {
  const { rows, changed, whole } = session
  const remove = (id: string) =>
    whole(async (within) => {
      // RFC 7592 §3: it does not expire by itself
      await within.changed(
        `DELETE FROM artifacts WHERE hashtextextended(client_id, 0) = hashtextextended($1, 0) AND client_id = $1
           AND model = 'RegistrationAccessToken'`,
        [id],
      )
      return (await within.changed('DELETE FROM clients WHERE id = $1', [id])) === 1
    })
  return {
    async find(id) {
      const [row] = await rows(`SELECT ${COLUMNS} FROM clients WHERE id = $1`, [id])
      return row && toClient(row, seal)
    },
    list: async () =>
      (await rows(`SELECT ${COLUMNS} FROM clients ORDER BY created_at`)).flatMap(
        (row) => toClient(row, seal) ?? [],
      ),
    async save(id, origin, metadata, network) {
      const now = clock.now()
      await changed(
        `INSERT INTO clients (id, origin, name, payload, created_at, used_at, held_by)
         VALUES ($1, $2, $3, $4, $5, $5, $6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, payload = excluded.payload`,
        [
          id,
          origin,
          withoutZeros(registeredName(metadata)),
          seal.seal(JSON.stringify(metadata), clientPlace(id)),
          now,
          network === undefined ? null : networkDigest(network),
        ],
      )
    },
    async touch({ id, usedAt }) {
      const now = clock.now()
      if (usedAt < now - TOUCH_MS) await changed('UPDATE clients SET used_at = $1 WHERE id = $2', [now, id])
    },
    remove,
    async removeIdle(since) {
      const [idle] = await rows(
        `SELECT id FROM clients WHERE origin = 'registered' AND used_at < $1 AND NOT EXISTS
           (SELECT 1 FROM artifacts WHERE hashtextextended(artifacts.client_id, 0) = hashtextextended(clients.id, 0)
              AND artifacts.client_id = clients.id AND model = 'Grant')
         ORDER BY used_at LIMIT 1`,
        [since - TOUCH_MS],
      )
      const id = idle && String(idle['id'])
      return id !== undefined && (await remove(id)) ? id : undefined
    },
    async countRegistered() {
      const [row] = await rows(`SELECT count(*) AS n FROM clients WHERE origin = 'registered'`)
      return Number(row?.['n'])
    },
    unused: async (since) =>
      (
        await rows(`SELECT id FROM clients WHERE origin = 'registered' AND used_at < $1`, [since - TOUCH_MS])
      ).map(({ id }) => String(id)),
  }
}

export function clientHolderRows({ rows, changed }: Session, { networkDigest }: StoreParts): ClientHolders {
  const idOf = ([row]: readonly Row[]) => (row === undefined ? undefined : String(row['id']))
  return {
    async heldBy(network) {
      const [row] = await rows('SELECT held FROM client_holders WHERE network = $1', [networkDigest(network)])
      return Number(row?.['held'] ?? 0)
    },
    oldestOf: async (network) =>
      idOf(
        await rows('SELECT id FROM clients WHERE held_by = $1 ORDER BY created_at LIMIT 1', [
          networkDigest(network),
        ]),
      ),
    oldestOfLargest: async () =>
      idOf(
        await rows(
          `SELECT id FROM clients WHERE held_by =
             (SELECT network FROM client_holders WHERE held > 1 ORDER BY held DESC LIMIT 1)
           ORDER BY created_at LIMIT 1`,
        ),
      ),
    async uncount(clientId) {
      await changed('UPDATE clients SET held_by = NULL WHERE id = $1 AND held_by IS NOT NULL', [clientId])
    },
  }
}

/** For people to read; PostgreSQL keeps no text with a zero byte. */
export function withoutZeros<T extends string | null>(text: T): T {
  return (text === null ? text : text.replaceAll('\0', '')) as T
}
