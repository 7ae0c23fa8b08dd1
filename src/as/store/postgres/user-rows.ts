// The table of people. Whoever changes a person here tells the state in memory when it is certain.
import { toPerson, type Users } from '../users.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function userRows(session: Session, { clock, state }: StoreParts): Users {
  const { rows, changed, whole, afterCommit } = session
  const change = async (subject: string, sql: string, values: Parameters<typeof changed>[1]) => {
    const count = await changed(sql, values)
    afterCommit(() => state.notePerson(subject))
    return count === 1
  }
  return {
    add: (name, password) =>
      change(
        name,
        'INSERT INTO users (subject, name, password, created_at) VALUES ($1, $1, $2, $3) ON CONFLICT DO NOTHING',
        [name, password ?? null, clock.now()],
      ),
    find: async (subject) => toPerson((await rows('SELECT * FROM users WHERE subject = $1', [subject]))[0]),
    list: async () =>
      (await rows('SELECT * FROM users ORDER BY subject')).flatMap((row) => toPerson(row) ?? []),
    setPassword: (subject, password) =>
      change(subject, 'UPDATE users SET password = $1 WHERE subject = $2 AND provider IS NULL', [
        password ?? null,
        subject,
      ]),
    renewHash: (subject, was, password) =>
      change(subject, 'UPDATE users SET password = $1 WHERE subject = $2 AND password = $3', [
        password,
        subject,
        was,
      ]),
    async passwordOf(subject) {
      const [row] = await rows(
        'SELECT password FROM users WHERE subject = $1 AND provider IS NULL AND disabled_at IS NULL',
        [subject],
      )
      const password = row?.['password']
      return typeof password === 'string' ? password : undefined
    },
    setDisabled: (subject, disabled) =>
      change(subject, 'UPDATE users SET disabled_at = $1 WHERE subject = $2', [
        disabled ? clock.now() : null,
        subject,
      ]),
    endSessions: (subject) =>
      whole(async (within) => {
        await within.changed(`DELETE FROM artifacts WHERE model = 'Session' AND account_id = $1`, [subject])
        await within.changed('DELETE FROM login_sessions WHERE subject = $1', [subject])
        const ended = await within.changed('UPDATE users SET sessions_ended_at = $1 WHERE subject = $2', [
          clock.now(),
          subject,
        ])
        within.afterCommit(() => state.notePerson(subject))
        return ended === 1
      }),
    recordOutside({ subject, provider, vouchedBy, name, email, emailVerified, groups }) {
      const said = [subject, provider, vouchedBy, name, email ?? null, emailVerified ? 1 : 0] as const
      return change(subject, RECORD_OUTSIDE, [...said, JSON.stringify(groups), clock.now()])
    },
    async recordSignIn(subject) {
      await change(subject, 'UPDATE users SET signed_in_at = $1 WHERE subject = $2', [clock.now(), subject])
    },
  }
}

const RECORD_OUTSIDE = `INSERT INTO users
    (subject, provider, vouched_by, name, email, email_verified, groups, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (subject) DO UPDATE SET vouched_by = excluded.vouched_by, name = excluded.name,
    email = excluded.email, email_verified = excluded.email_verified, groups = excluded.groups
  WHERE users.provider = excluded.provider AND coalesce(users.vouched_by, excluded.vouched_by) = excluded.vouched_by
    AND users.disabled_at IS NULL`
