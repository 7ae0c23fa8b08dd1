// Grants: what a person gave a client, once per authorization, so that one installation can be cut off without the
// others (A33). Ending one takes its codes and refresh tokens along and revokes its access tokens, in one step.
import type { Artifacts } from './artifacts.ts'
import type { Revocations } from './revocations.ts'
import type { Store } from './store.ts'

export interface GrantSummary {
  readonly id: string
  readonly subject: string
  readonly clientId: string
  /** Resource → scopes, space separated. */
  readonly resources: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly createdAt: number
}

/** Empty: every grant. */
export interface GrantFilter {
  readonly id?: string
  readonly subject?: string
  readonly clientId?: string
}

export interface Grants {
  /** Newest first; no more than MAX_LISTED at a time. */
  list(filter?: GrantFilter): readonly GrantSummary[]
  /** Newest first; of one person. */
  of(subject: string): readonly GrantSummary[]
  /** False when there is no such grant; what is left of it is ended all the same. */
  revoke(id: string): boolean
}

const MAX_LISTED = 10_000

export function createGrants(store: Store, artifacts: Artifacts, revocations: Revocations): Grants {
  const { database, clock } = store
  const select = database.prepare(
    `SELECT id, account_id, client_id, created_at FROM artifacts
     WHERE model = 'Grant' AND (?1 IS NULL OR account_id = ?1) AND (?2 IS NULL OR client_id = ?2)
       AND (?3 IS NULL OR id = ?3) AND (expires_at IS NULL OR expires_at > ?4)
     ORDER BY created_at DESC LIMIT ${MAX_LISTED}`,
  )
  const removeGrant = database.prepare(`DELETE FROM artifacts WHERE model = 'Grant' AND id = ?`)
  const removeRest = database.prepare('DELETE FROM artifacts WHERE grant_id = ?')
  const list: Grants['list'] = ({ id: asked, subject, clientId } = {}) =>
    select.all(subject ?? null, clientId ?? null, asked ?? null, clock.now()).map((row) => {
      const id = String(row['id'])
      const resources = artifacts.find('Grant', id)?.payload['resources']
      return {
        id,
        subject: String(row['account_id'] ?? ''),
        clientId: String(row['client_id']),
        resources: (resources ?? {}) as Readonly<Record<string, string>>,
        createdAt: Number(row['created_at']),
      }
    })
  return {
    list,
    of: (subject) => list({ subject }),
    revoke: (id) =>
      store.transaction(() => {
        revocations.add('grant', id)
        removeRest.run(id)
        return removeGrant.run(id).changes === 1
      }),
  }
}
