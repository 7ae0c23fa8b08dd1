// The table of people.

import { toPerson, type Users } from '../users.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createUsers({ database, clock, fleeting, transaction }: DatabaseConnection): Tables<Users> {
  const add = database.prepare(
    'INSERT INTO users (subject, name, password, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const find = database.prepare('SELECT * FROM users WHERE subject = ?')
  const list = database.prepare('SELECT * FROM users ORDER BY subject')
  const setPassword = database.prepare('UPDATE users SET password = ? WHERE subject = ? AND provider IS NULL')
  const renewHash = database.prepare('UPDATE users SET password = ? WHERE subject = ? AND password = ?')
  const passwordOf = database.prepare(
    'SELECT password FROM users WHERE subject = ? AND provider IS NULL AND disabled_at IS NULL',
  )
  const setDisabled = database.prepare('UPDATE users SET disabled_at = ? WHERE subject = ?')
  const endSessions = database.prepare('UPDATE users SET sessions_ended_at = ? WHERE subject = ?')
  const forgetSessions = database.prepare(`DELETE FROM artifacts WHERE model = 'Session' AND account_id = ?`)
  const forgetBrowsers = database.prepare('DELETE FROM login_sessions WHERE subject = ?')
  const recordOutside = database.prepare(
    `INSERT INTO users (subject, provider, vouched_by, name, email, email_verified, groups, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (subject) DO UPDATE SET vouched_by = excluded.vouched_by, name = excluded.name,
       email = excluded.email, email_verified = excluded.email_verified, groups = excluded.groups
     WHERE users.provider = excluded.provider AND coalesce(users.vouched_by, excluded.vouched_by) = excluded.vouched_by
       AND users.disabled_at IS NULL`,
  )
  const recordSignIn = database.prepare('UPDATE users SET signed_in_at = ? WHERE subject = ?')
  return {
    add: (name, password) => add.run(name, name, password ?? null, clock.now()).changes === 1,
    find: (subject) => toPerson(find.get(subject)),
    list: () => list.all().flatMap((row) => toPerson(row) ?? []),
    setPassword: (subject, password) => setPassword.run(password ?? null, subject).changes === 1,
    renewHash: (subject, was, password) => renewHash.run(password, subject, was).changes === 1,
    passwordOf(subject) {
      const password = passwordOf.get(subject)?.['password']
      return typeof password === 'string' ? password : undefined
    },
    setDisabled: (subject, disabled) => setDisabled.run(disabled ? clock.now() : null, subject).changes === 1,
    endSessions: (subject) =>
      transaction(() => {
        forgetSessions.run(subject)
        forgetBrowsers.run(subject)
        return endSessions.run(clock.now(), subject).changes === 1
      }),
    recordOutside({ subject, provider, vouchedBy, name, email, emailVerified, groups }) {
      const values = [subject, provider, vouchedBy, name, email ?? null, emailVerified ? 1 : 0] as const
      return recordOutside.run(...values, JSON.stringify(groups), clock.now()).changes === 1
    },
    recordSignIn: (subject) => void fleeting(() => recordSignIn.run(clock.now(), subject)),
  }
}
