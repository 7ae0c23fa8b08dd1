// The table of passkeys.
import { type Passkeys, toPasskey } from '../passkeys.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createPasskeys({ database, clock }: DatabaseConnection): Tables<Passkeys> {
  const add = database.prepare(
    `INSERT INTO passkeys
       (id, subject, rp_id, user_handle, public_key, counter, transports, name, synced, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const find = database.prepare('SELECT * FROM passkeys WHERE id = ?')
  const of = database.prepare('SELECT * FROM passkeys WHERE subject = ? ORDER BY created_at, id')
  const use = database.prepare('UPDATE passkeys SET counter = ?, used_at = ? WHERE id = ? AND counter = ?')
  const remove = database.prepare('DELETE FROM passkeys WHERE subject = ? AND id = ?')
  const removeAll = database.prepare('DELETE FROM passkeys WHERE subject = ?')
  const counts = database.prepare('SELECT subject, count(*) AS n FROM passkeys GROUP BY subject')
  return {
    add({ id, subject, rpId, userHandle, publicKey, counter, transports, name, isSynced }) {
      const values = [id, subject, rpId, userHandle, publicKey, counter, JSON.stringify(transports)] as const
      return add.run(...values, name, isSynced ? 1 : 0, clock.now()).changes === 1
    },
    find: (id) => toPasskey(find.get(id)),
    of: (subject) => of.all(subject).flatMap((row) => toPasskey(row) ?? []),
    use: (id, was, counter) => use.run(counter, clock.now(), id, was).changes === 1,
    remove: (subject, id) => remove.run(subject, id).changes === 1,
    removeAll: (subject) => void removeAll.run(subject),
    counts: () => new Map(counts.all().map((row) => [String(row['subject']), Number(row['n'])])),
  }
}
