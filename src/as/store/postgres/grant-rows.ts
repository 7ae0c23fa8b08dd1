// Grants stand among the artifacts; ending one removes what came from it and revokes its access tokens.
import { toArtifact } from '../artifacts.ts'
import type { GrantSummary, Grants } from '../grants.ts'
import { REVOCATION_LIFE_MS, type Revocations } from '../revocations.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

const MAX_LISTED = 10_000
const CLIENT = 'hashtextextended(client_id, 0) = hashtextextended(?, 0) AND client_id = ?'
const LISTED = `SELECT id, payload, consumed_at, account_id, client_id, created_at,
    (SELECT max(token.created_at) FROM artifacts AS token WHERE token.grant_id = artifacts.id) AS used_at
  FROM artifacts
  WHERE model = 'Grant' AND (expires_at IS NULL OR expires_at > $1)`
const NOTE = 'INSERT INTO revocations (kind, id, revoked_at, gone_at) VALUES ($1, $2, $3, $4)'

export function grantRows(session: Session, parts: StoreParts): Grants {
  const { whole } = session
  const list: Grants['list'] = (filter) => listIn(session, parts, filter)
  return {
    list,
    of: (subject) => list({ subject }),
    revoke: (id) => whole((within) => revokeIn(within, parts, id)),
    revokeAll: (filter) =>
      whole(async (within) => {
        const ended: GrantSummary[] = []
        for (let left = await listIn(within, parts, filter); left.length > 0; ) {
          for (const { id } of left) await revokeIn(within, parts, id)
          ended.push(...left)
          left = left.length < MAX_LISTED ? [] : await listIn(within, parts, filter)
        }
        return ended
      }),
  }
}

async function listIn(
  { rows }: Session,
  { clock, seal }: StoreParts,
  { id, subject, clientId }: NonNullable<Parameters<Grants['list']>[0]> = {},
): Promise<readonly GrantSummary[]> {
  const values: (string | number)[] = [clock.now()]
  const wanted = [
    ['account_id = ?', subject] as const,
    [CLIENT, clientId] as const,
    ['id = ?', id] as const,
  ].flatMap(([condition, value]) => {
    if (value === undefined) return []
    values.push(value)
    return ` AND ${condition.replaceAll('?', `$${values.length}`)}`
  })
  const order = `ORDER BY created_at DESC LIMIT ${MAX_LISTED}`
  const found = await rows(`${LISTED}${wanted.join('')} ${order}`, values)
  return found.map((row): GrantSummary => {
    const resources = toArtifact('Grant', row, seal)?.payload['resources']
    return {
      id: String(row['id']),
      subject: String(row['account_id'] ?? ''),
      clientId: String(row['client_id']),
      resources: (resources ?? {}) as GrantSummary['resources'],
      createdAt: Number(row['created_at']),
      usedAt: Number(row['used_at'] ?? row['created_at']),
    }
  })
}

async function revokeIn(within: Session, parts: StoreParts, id: string): Promise<boolean> {
  await revocationRows(within, parts).add('grant', id)
  await within.changed('DELETE FROM artifacts WHERE grant_id = $1', [id])
  return (await within.changed(`DELETE FROM artifacts WHERE model = 'Grant' AND id = $1`, [id])) === 1
}

/** A list: of one that was revoked twice the later time counts. */
export function revocationRows({ changed, afterCommit }: Session, { clock, state }: StoreParts): Revocations {
  return {
    async add(kind, id) {
      const at = clock.now()
      await changed(NOTE, [kind, id, at, at + REVOCATION_LIFE_MS])
      afterCommit(() => state.noteRevocation({ kind, id, at }))
    },
  }
}
