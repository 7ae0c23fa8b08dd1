// The store that `authorization_server.data` names: a file of SQLite, or a PostgreSQL server, whose client is loaded only
// then.
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { createDataLocks, type DataLocks } from './data-locks.ts'
import { lockFile } from './sqlite/file-lock.ts'
import { openStore } from './sqlite/open-store.ts'
import type { OpenStore } from './store.ts'

/** Made once for each gateway. */
export function createGatewayLocks(): DataLocks {
  return createDataLocks(lockFile)
}

export const openData: OpenStore = async (data, options) => {
  if (!isPostgresUrl(data)) return openStore(data, options)
  const { openPostgres } = await import('./postgres/open-postgres.ts')
  return openPostgres(data, options)
}
