// The table of browsers in which people are signed in.
import {
  type LoginSessions,
  loginKeyDigest,
  MAX_LOGIN_SESSIONS,
  NOTE_USE_MS,
  sealLoginSession,
  toLoginSession,
} from '../login-sessions.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function loginSessionRows(session: Session, { clock, seal }: StoreParts): LoginSessions {
  const { rows, changed, whole } = session
  return {
    save: (saved) =>
      whole(async (within) => {
        const { id, subject, key, lifeSeconds } = saved
        const [now, life] = [clock.now(), lifeSeconds * 1_000]
        const values = [id, subject, loginKeyDigest(key), sealLoginSession(saved, seal), now, life] as const
        await within.changed(SAVE, [...values, now + life])
        await within.changed(SHORTEN, [subject, MAX_LOGIN_SESSIONS])
      }),
    async find(id, key) {
      const [row] = await rows('SELECT * FROM login_sessions WHERE id = $1 AND key = $2 AND gone_at > $3', [
        id,
        loginKeyDigest(key),
        clock.now(),
      ])
      return toLoginSession(row, seal)
    },
    isAlive: async (id) =>
      (await rows('SELECT 1 FROM login_sessions WHERE id = $1 AND gone_at > $2', [id, clock.now()])).length >
      0,
    list: async (subject) =>
      (await rows(LIST, [subject, clock.now()])).flatMap((row) => toLoginSession(row, seal) ?? []),
    async touch(id) {
      const now = clock.now()
      await changed(TOUCH, [now, id, now - NOTE_USE_MS])
    },
    end: async (subject, id) =>
      (await changed('DELETE FROM login_sessions WHERE subject = $1 AND id = $2', [subject, id])) === 1,
    endOthers: (subject, id) =>
      changed('DELETE FROM login_sessions WHERE subject = $1 AND id <> $2', [subject, id]),
  }
}

const SAVE = `INSERT INTO login_sessions (id, subject, key, payload, began_at, proved_at, used_at, life, gone_at)
  VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7)
  ON CONFLICT (id) DO UPDATE SET key = excluded.key, payload = excluded.payload, proved_at = excluded.proved_at,
    used_at = excluded.used_at, life = greatest(login_sessions.life, excluded.life),
    gone_at = greatest(login_sessions.gone_at, excluded.gone_at)`
const SHORTEN = `DELETE FROM login_sessions WHERE id IN
  (SELECT id FROM login_sessions WHERE subject = $1 ORDER BY used_at DESC, began_at DESC OFFSET $2)`
const LIST = `SELECT * FROM login_sessions WHERE subject = $1 AND gone_at > $2
  ORDER BY used_at DESC, began_at DESC`
const TOUCH = `UPDATE login_sessions SET used_at = $1, gone_at = greatest(gone_at, $1 + life)
  WHERE id = $2 AND used_at <= $3`
