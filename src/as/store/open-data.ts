// The store that `authorization_server.data` names: a file of SQLite, or a PostgreSQL server, whose client is loaded only
// then.

import { lockFile } from '../../lib/file-lock.ts'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import type { TableAccess } from './copied-tables.ts'
import { createDataLocks, type DataLocks } from './data-locks.ts'
import { backupFile, openFileTables } from './sqlite/file-tables.ts'
import { newerFileProblem } from './sqlite/file-version.ts'
import { openStore } from './sqlite/open-store.ts'
import { type RestoredFile, restoreFile } from './sqlite/restore-file.ts'
import type { OpenStore, StoreOptions } from './store.ts'

/** Made once for each gateway. */
export function createGatewayLocks(): DataLocks {
  return createDataLocks(lockFile)
}

export const openData: OpenStore = async (data, options) => {
  if (!isPostgresUrl(data)) return openStore(data, options)
  const { openPostgres } = await import('./postgres/open-postgres.ts')
  return openPostgres(data, options)
}

/** All that it consists of, to move it. Throws when a gateway serves from it. */
export async function openTables(data: string, options: StoreOptions): Promise<TableAccess> {
  if (!isPostgresUrl(data)) return openFileTables(data, options)
  const { openServerTables } = await import('./postgres/server-tables.ts')
  return openServerTables(data)
}

/** A copy of a file of SQLite. */
export async function backupData(data: string, target: string): Promise<void> {
  if (isPostgresUrl(data))
    throw new Error('the data stands in PostgreSQL; use its own means, such as pg_dump')
  await backupFile(data, target)
}

/** Puts a copy of a file of SQLite in place of the data; see `restoreFile`. */
export async function restoreData(
  data: string,
  source: string,
  options: StoreOptions,
  end: (tables: TableAccess) => Promise<void>,
): Promise<RestoredFile> {
  if (isPostgresUrl(data))
    throw new Error(
      'the data stands in PostgreSQL: bring it back by pg_restore or psql, then say --in-place instead of FILE',
    )
  return await restoreFile(data, source, options, end)
}

/**
 * Why this version cannot use the data, since a newer one has changed it. Reads a file only: a server is asked at the
 * start.
 */
export function newerDataProblem(data: string): string | undefined {
  return isPostgresUrl(data) ? undefined : newerFileProblem(data)
}
