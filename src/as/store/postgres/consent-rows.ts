// The table of what people agreed to. Its key is a digest, since addresses may be longer than an index can hold.
import { hash } from 'node:crypto'
import { type Consents, toConsent } from '../consents.ts'
import { withoutZeros } from './client-rows.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function consentRows(session: Session, { clock }: StoreParts): Consents {
  const { rows, changed, whole } = session
  return {
    list: async (accountId) =>
      (await rows('SELECT * FROM consents WHERE account_id = $1 ORDER BY given_at DESC', [accountId])).map(
        toConsent,
      ),
    give: (accountId, { clientId, clientName, redirectUri, resource, scopes }) =>
      whole(async (within) => {
        const digest = consentDigest(accountId, clientId, redirectUri, resource)
        const [before] = await within.rows('SELECT * FROM consents WHERE digest = $1', [digest])
        const known = before === undefined ? [] : toConsent(before).scopes
        const all = JSON.stringify([...new Set([...known, ...scopes])].sort())
        await within.changed(
          `INSERT INTO consents (digest, account_id, client_id, redirect_uri, resource, scopes, given_at, client_name)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (digest) DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at,
             client_name = excluded.client_name`,
          [digest, accountId, clientId, redirectUri, resource, all, clock.now(), withoutZeros(clientName)],
        )
      }),
    withdraw: async (accountId, clientId) =>
      (await changed('DELETE FROM consents WHERE account_id = $1 AND client_id = $2', [
        accountId,
        clientId,
      ])) > 0,
  }
}

export function consentDigest(...key: readonly [string, string, string, string]): Buffer {
  return hash('sha256', JSON.stringify(key), 'buffer')
}
