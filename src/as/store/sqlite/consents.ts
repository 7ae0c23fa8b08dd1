// The table of what people agreed to.
import { type Consents, toConsent } from '../consents.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createConsents({ database, clock, transaction }: DatabaseConnection): Tables<Consents> {
  const put = database.prepare(
    `INSERT OR REPLACE INTO consents (account_id, client_id, redirect_uri, resource, scopes, given_at, client_name)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const list = database.prepare('SELECT * FROM consents WHERE account_id = ? ORDER BY given_at DESC')
  const withdraw = database.prepare('DELETE FROM consents WHERE account_id = ? AND client_id = ?')
  const listOf = (accountId: string) => list.all(accountId).map(toConsent)
  return {
    list: listOf,
    give: (accountId, { clientId, clientName, redirectUri, resource, scopes }) =>
      transaction(() => {
        const before = listOf(accountId).find(
          (one) => one.clientId === clientId && one.redirectUri === redirectUri && one.resource === resource,
        )
        const all = [...new Set([...(before?.scopes ?? []), ...scopes])].sort()
        put.run(accountId, clientId, redirectUri, resource, JSON.stringify(all), clock.now(), clientName)
      }),
    withdraw: (accountId, clientId) => withdraw.run(accountId, clientId).changes > 0,
  }
}
