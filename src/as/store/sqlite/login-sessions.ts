// The table of browsers in which people are signed in.
import {
  type LoginSessions,
  loginKeyDigest,
  MAX_LOGIN_SESSIONS,
  NOTE_USE_MS,
  sealLoginSession,
  toLoginSession,
} from '../login-sessions.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createLoginSessions(connection: DatabaseConnection): Tables<LoginSessions> {
  const { database, clock, seal, fleeting, transaction } = connection
  const save = database.prepare(
    `INSERT INTO login_sessions (id, subject, key, payload, began_at, proved_at, used_at, life, gone_at)
     VALUES ($id, $subject, $key, $payload, $now, $now, $now, $life, $now + $life)
     ON CONFLICT (id) DO UPDATE SET key = excluded.key, payload = excluded.payload, proved_at = excluded.proved_at,
       used_at = excluded.used_at, life = max(life, excluded.life), gone_at = max(gone_at, excluded.gone_at)`,
  )
  const shorten = database.prepare(
    `DELETE FROM login_sessions WHERE id IN
       (SELECT id FROM login_sessions WHERE subject = ? ORDER BY used_at DESC, began_at DESC LIMIT -1 OFFSET ?)`,
  )
  const find = database.prepare('SELECT * FROM login_sessions WHERE id = ? AND key = ? AND gone_at > ?')
  const alive = database.prepare('SELECT 1 FROM login_sessions WHERE id = ? AND gone_at > ?')
  const list = database.prepare(
    'SELECT * FROM login_sessions WHERE subject = ? AND gone_at > ? ORDER BY used_at DESC, began_at DESC',
  )
  const touch = database.prepare(
    'UPDATE login_sessions SET used_at = $now, gone_at = max(gone_at, $now + life) WHERE id = $id AND used_at <= $until',
  )
  const end = database.prepare('DELETE FROM login_sessions WHERE subject = ? AND id = ?')
  const endOthers = database.prepare('DELETE FROM login_sessions WHERE subject = ? AND id <> ?')
  return {
    save: (session) =>
      transaction(() => {
        const { id, subject, key, lifeSeconds } = session
        const payload = sealLoginSession(session, seal)
        const [now, life] = [clock.now(), lifeSeconds * 1_000]
        save.run({ id, subject, key: loginKeyDigest(key), payload, now, life })
        shorten.run(subject, MAX_LOGIN_SESSIONS)
      }),
    find: (id, key) => toLoginSession(find.get(id, loginKeyDigest(key), clock.now()), seal),
    isAlive: (id) => alive.get(id, clock.now()) !== undefined,
    list: (subject) => list.all(subject, clock.now()).flatMap((row) => toLoginSession(row, seal) ?? []),
    touch(id) {
      const now = clock.now()
      fleeting(() => touch.run({ now, id, until: now - NOTE_USE_MS }))
    },
    end: (subject, id) => end.run(subject, id).changes === 1,
    endOthers: (subject, id) => Number(endOthers.run(subject, id).changes),
  }
}
