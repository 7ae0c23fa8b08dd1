// Ends what was issued, in data that was restored from a copy. A copy does not know what was revoked, used or rotated
// after it was taken, so all of it ends, whenever it was issued; who people and clients are stays (docs/decisions.md, 30).
import { createSeal, type Seal } from '../../lib/seal.ts'
import type { AuthorizationEvent } from '../events.ts'
import { COPIED_TABLES, type CopiedTable, type TableAccess } from './copied-tables.ts'
import { keyPlace, makeSigningKey } from './keys.ts'
import type { StoreOptions } from './store.ts'

export interface EndedCount {
  readonly table: string
  readonly rows: number
}

/**
 * Everything in one transaction, with its record for the audit. Throws when the data was sealed with another secret, or is no
 * data of an authorization server; nothing has changed then.
 * @param actor as the audit shall name them
 */
export async function endIssued(
  tables: TableAccess,
  { secret, clock }: StoreOptions,
  actor: string,
): Promise<readonly EndedCount[]> {
  const seal = createSeal(secret, 'payload')
  await refuseOtherSecret(tables, seal)
  const counts: EndedCount[] = []
  for (const table of COPIED_TABLES) {
    if (table.atRestore === 'ends') counts.push({ table: table.name, rows: await tables.clear(table) })
  }
  const now = clock.now()
  const { kid, jwk } = await makeSigningKey()
  const sealed = seal.seal(JSON.stringify(jwk), keyPlace(kid))
  await tables.write(tableOf('signing_keys'), [{ kid, private_jwk: sealed, created_at: now }])
  const event: AuthorizationEvent = { event: 'data_restored', actor }
  await tables.write(tableOf('told_later'), [{ at: now, event: JSON.stringify(event) }])
  await tables.commit()
  return counts
}

async function refuseOtherSecret(tables: TableAccess, seal: Seal): Promise<void> {
  let keys = 0
  for await (const rows of tables.read(tableOf('signing_keys')))
    for (const row of rows) {
      keys += 1
      if (seal.open(row['private_jwk'] as Uint8Array, keyPlace(String(row['kid']))) === undefined)
        throw new Error(
          'it was sealed with another key: put back the `….key` beside the data, or the `cookie_secret`, of that time',
        )
    }
  if (keys === 0) throw new Error('it holds no signing key, so it is no data of an authorization server')
}

function tableOf(name: string): CopiedTable {
  const found = COPIED_TABLES.find((table) => table.name === name)
  if (found === undefined) throw new Error(`there is no table ${name}`)
  return found
}
