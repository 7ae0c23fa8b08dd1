// The table of passkeys.
import { type Passkeys, toPasskey } from '../passkeys.ts'
import { withoutZeros } from './client-rows.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function passkeyRows({ rows, changed }: Session, { clock }: StoreParts): Passkeys {
  return {
    async add({ id, subject, rpId, userHandle, publicKey, counter, transports, name, isSynced }) {
      const values = [id, subject, rpId, userHandle, publicKey, counter, JSON.stringify(transports)] as const
      return (await changed(ADD, [...values, withoutZeros(name), isSynced ? 1 : 0, clock.now()])) === 1
    },
    find: async (id) => toPasskey((await rows('SELECT * FROM passkeys WHERE id = $1', [id]))[0]),
    of: async (subject) =>
      (await rows('SELECT * FROM passkeys WHERE subject = $1 ORDER BY created_at, id', [subject])).flatMap(
        (row) => toPasskey(row) ?? [],
      ),
    use: async (id, was, counter) =>
      (await changed('UPDATE passkeys SET counter = $1, used_at = $2 WHERE id = $3 AND counter = $4', [
        counter,
        clock.now(),
        id,
        was,
      ])) === 1,
    remove: async (subject, id) =>
      (await changed('DELETE FROM passkeys WHERE subject = $1 AND id = $2', [subject, id])) === 1,
    async removeAll(subject) {
      await changed('DELETE FROM passkeys WHERE subject = $1', [subject])
    },
    async counts() {
      const counted = await rows('SELECT subject, count(*) AS n FROM passkeys GROUP BY subject')
      return new Map(counted.map((row) => [String(row['subject']), Number(row['n'])]))
    },
  }
}

const ADD = `INSERT INTO passkeys
    (id, subject, rp_id, user_handle, public_key, counter, transports, name, synced, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`
