// Data as a whole, for operators: moved from one place to another, and a copy of a file.
import { existsSync } from 'node:fs'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { isPostgresUrl, shownData } from '../../lib/postgres-url.ts'
import { type CopiedCount, copyTables } from '../store/copy-data.ts'
import { dataSecret } from '../store/data-secret.ts'
import { backupData, openTables } from '../store/open-data.ts'
import type { StoreClock } from '../store/store.ts'

export type DataPlace = Pick<AuthorizationServerSettings, 'data' | 'cookieSecret'>

/** Throws when one of them is served, the source is not there, or the target is not empty. */
export async function copyInstallation(
  from: DataPlace,
  to: DataPlace,
  clock: StoreClock,
): Promise<readonly CopiedCount[]> {
  if (!isPostgresUrl(from.data) && !existsSync(from.data)) throw new Error(`there is no data at ${from.data}`)
  if (from.data === to.data) throw new Error(`${shownData(from.data)} is both source and target`)
  const source = await openPlace(from, clock)
  try {
    const target = await openPlace(to, clock)
    try {
      return await copyTables(source, target)
    } finally {
      await target.tables.close()
    }
  } finally {
    await source.tables.close()
  }
}

async function openPlace(place: DataPlace, clock: StoreClock) {
  const secret = dataSecret(place)
  return { secret, tables: await openTables(place.data, { secret, clock }) }
}

/** Throws when there is such a file already. */
export async function backupInstallation({ data }: DataPlace, target: string): Promise<void> {
  if (!isPostgresUrl(data) && !existsSync(data)) throw new Error(`there is no data at ${data}`)
  if (existsSync(target)) throw new Error(`${target} is there already; name another file`)
  await backupData(data, target)
}
