// Grants stand among the artifacts; ending one removes what came from it and revokes its access tokens.
import type { Artifacts } from '../artifacts.ts'
import type { GrantSummary, Grants } from '../grants.ts'
import type { Revocations } from '../revocations.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

const MAX_LISTED = 10_000

export function createGrants(
  { database, clock, transaction }: DatabaseConnection,
  artifacts: Tables<Artifacts>,
  revocations: Tables<Revocations>,
): Tables<Grants> {
  const select = database.prepare(
    `SELECT id, account_id, client_id, created_at,
       (SELECT max(token.created_at) FROM artifacts AS token WHERE token.grant_id = artifacts.id) AS used_at
     FROM artifacts
     WHERE model = 'Grant' AND ($subject IS NULL OR account_id = $subject)
       AND ($client IS NULL OR client_id = $client)
       AND ($id IS NULL OR id = $id) AND (expires_at IS NULL OR expires_at > $now)
     ORDER BY created_at DESC LIMIT ${MAX_LISTED}`,
  )
  const removeGrant = database.prepare(`DELETE FROM artifacts WHERE model = 'Grant' AND id = ?`)
  const removeRest = database.prepare('DELETE FROM artifacts WHERE grant_id = ?')
  const list: Tables<Grants>['list'] = ({ id: asked = null, subject = null, clientId = null } = {}) =>
    select.all({ id: asked, subject, client: clientId, now: clock.now() }).map((row) => {
      const id = String(row['id'])
      const resources = artifacts.find('Grant', id)?.payload['resources']
      return {
        id,
        subject: String(row['account_id'] ?? ''),
        clientId: String(row['client_id']),
        resources: (resources ?? {}) as Readonly<Record<string, string>>,
        createdAt: Number(row['created_at']),
        usedAt: Number(row['used_at'] ?? row['created_at']),
      }
    })
  const revoke = (id: string) =>
    transaction(() => {
      revocations.add('grant', id)
      removeRest.run(id)
      return removeGrant.run(id).changes === 1
    })
  return {
    list,
    of: (subject) => list({ subject }),
    revoke,
    revokeAll: (filter) =>
      transaction(() => {
        const ended: GrantSummary[] = []
        for (let left = list(filter); left.length > 0; left = list(filter)) {
          for (const { id } of left) revoke(id)
          ended.push(...left)
        }
        return ended
      }),
  }
}
