// A restored installation, for operators: a copy put in place of the data, or data that was brought back by other means,
// in both cases without what was issued.
import { existsSync } from 'node:fs'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { dataSecret } from '../store/data-secret.ts'
import { type EndedCount, endIssued } from '../store/end-issued.ts'
import { openTables, restoreData } from '../store/open-data.ts'
import type { StoreClock } from '../store/store.ts'
import type { DataPlace } from './copy.ts'

export interface RestoreOptions {
  /** The copy; undefined where the data has been brought back already. */
  readonly source: string | undefined
  readonly clock: StoreClock
  /** Who is at the terminal, as the audit shall name them. */
  readonly actor: string
}

export interface Restored {
  readonly ended: readonly EndedCount[]
  /** Where the data is now that was there before; undefined where nothing was replaced. */
  readonly replaced: string | undefined
  /** People who were disabled in what was replaced, and stay so; undefined when it could not be read. */
  readonly disabled: readonly string[] | undefined
}

/** Throws when a gateway serves from the data, or the copy or its key cannot be used; nothing has changed then. */
export async function restoreInstallation(
  place: DataPlace,
  { source, clock, actor }: RestoreOptions,
): Promise<Restored> {
  const { data, cookieSecret } = place
  const isFile = !isPostgresUrl(data)
  if (isFile && cookieSecret === undefined && !existsSync(`${data}.key`))
    throw new Error(`put the key of the backup at ${data}.key first, for its owner only (mode 0600)`)
  if (isFile && source === undefined && !existsSync(data)) throw new Error(`there is no data at ${data}`)
  const options = { secret: dataSecret(place), clock }
  if (source !== undefined) {
    let ended: readonly EndedCount[] = []
    const restored = await restoreData(data, source, options, async (tables) => {
      ended = await endIssued(tables, options, actor)
    })
    return { ended, ...restored }
  }
  const tables = await openTables(data, options)
  try {
    return { ended: await endIssued(tables, options, actor), replaced: undefined, disabled: [] }
  } finally {
    await tables.close()
  }
}
