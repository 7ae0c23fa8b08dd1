// The table of OAuth clients. Metadata is sealed, because it holds their secrets.

import type { KeyedDigest } from '../../../lib/keyed-digest.ts'
import { type Clients, clientPlace, registeredName, TOUCH_MS, toClient } from '../clients.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createClients(connection: DatabaseConnection, digestOf: KeyedDigest): Tables<Clients> {
  const { database, seal, clock, fleeting, transaction } = connection
  const columns = 'id, origin, payload, created_at, used_at'
  const one = database.prepare(`SELECT ${columns} FROM clients WHERE id = ?`)
  const all = database.prepare(`SELECT ${columns} FROM clients ORDER BY created_at`)
  const save = database.prepare(
    `INSERT INTO clients (id, origin, name, payload, created_at, used_at, held_by) 
     VALUES ($id, $origin, $name, $payload, $now, $now, $heldBy)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, payload = excluded.payload`,
  )
  const touch = database.prepare('UPDATE clients SET used_at = ? WHERE id = ?')
  const remove = database.prepare('DELETE FROM clients WHERE id = ?')
  // RFC 7592 §3: it does not expire by itself
  const removeAccess = database.prepare(
    `DELETE FROM artifacts WHERE client_id = ? AND model = 'RegistrationAccessToken'`,
  )
  const count = database.prepare(`SELECT count(*) AS n FROM clients WHERE origin = 'registered'`)
  const unused = database.prepare(`SELECT id FROM clients WHERE origin = 'registered' AND used_at < ?`)
  const idle = database.prepare(
    `SELECT id FROM clients WHERE origin = 'registered' AND used_at < ? AND NOT EXISTS
       (SELECT 1 FROM artifacts WHERE artifacts.client_id = clients.id AND model = 'Grant')
     ORDER BY used_at LIMIT 1`,
  )

  const read = (row: Record<string, unknown>) => toClient(row, seal) ?? []
  const removeWhole = (id: string) =>
    transaction(() => {
      removeAccess.run(id)
      return remove.run(id).changes === 1
    })
  return {
    find: (id) => {
      const row = one.get(id)
      return row && toClient(row, seal)
    },
    list: () => all.all().flatMap(read),
    save(id, origin, metadata, network) {
      const write = () =>
        save.run({
          id,
          origin,
          name: registeredName(metadata),
          payload: seal.seal(JSON.stringify(metadata), clientPlace(id)),
          now: clock.now(),
          heldBy: network === undefined ? null : digestOf(network),
        })
      // Strangers register. What a person agrees to later waits for the disk, and so for this too, as the log is one file.
      if (origin === 'registered' && one.get(id) === undefined) fleeting(write)
      else write()
    },
    touch({ id, usedAt }) {
      const now = clock.now()
      if (usedAt < now - TOUCH_MS) fleeting(() => touch.run(now, id))
    },
    remove: removeWhole,
    removeIdle(since) {
      const id = idle.get(since - TOUCH_MS)?.['id']
      return typeof id === 'string' && removeWhole(id) ? id : undefined
    },
    countRegistered: () => Number(count.get()?.['n']),
    unused: (since) => unused.all(since - TOUCH_MS).map((row) => String(row['id'])),
  }
}
