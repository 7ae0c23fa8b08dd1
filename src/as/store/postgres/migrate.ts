// Brings the schema to the newest shape. Any number of processes may start at once: one works, the others wait for it, and
// then have nothing to do.
import type { PoolClient } from 'pg'
import type { PostgresAddress } from '../../../lib/postgres-url.ts'
import type { ServerPool } from './connections.ts'
import { PostgresFault } from './fault.ts'
import { POSTGRES_MIGRATIONS } from './migrations.ts'

/** Waiting for whoever works counts too. */
const MIGRATION_MS = 120_000
/** `pg_server_version_num` of 15. */
const OLDEST_SERVER = 150_000

/** Throws when the server cannot be used: too old, another encoding, no right to make tables, made by a newer version. */
export async function migrate(connections: ServerPool, address: PostgresAddress): Promise<void> {
  await connections.use(async (client) => {
    try {
      await client.query('BEGIN')
      await checkServer(client, address)
      await client.query(`SET LOCAL statement_timeout = ${MIGRATION_MS}`)
      await client.query({
        text: `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`,
        values: [lockOf(address)],
      })
      await applySteps(client, address)
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      if (error instanceof PostgresFault) throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new PostgresFault(`the tables at ${address.shown} cannot be made: ${why}`, error)
    }
  })
}

function lockOf({ schema }: PostgresAddress): string {
  return `portcullis migrations ${schema}`
}

async function checkServer(client: PoolClient, { shown }: PostgresAddress): Promise<void> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS said,
       current_setting('server_encoding') AS encoding`,
  )
  const { version, said, encoding } = rows[0]
  if (version < OLDEST_SERVER)
    throw new PostgresFault(`${shown} is PostgreSQL ${said}; this needs 15 or newer`)
  if (encoding !== 'UTF8')
    throw new PostgresFault(`the database at ${shown} is in ${encoding}; make one with ENCODING 'UTF8'`)
}

async function applySteps(client: PoolClient, { schema, shown }: PostgresAddress): Promise<void> {
  const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS is_there', [`"${schema}"`])
  if (rows[0].is_there !== true) await client.query(`CREATE SCHEMA "${schema}"`)
  await client.query('CREATE TABLE IF NOT EXISTS steps (seen int NOT NULL)')
  const seen = Number((await client.query('SELECT max(seen) AS seen FROM steps')).rows[0].seen ?? 0)
  if (seen > POSTGRES_MIGRATIONS.length)
    throw new PostgresFault(
      `the data at ${shown} was changed by a newer version of Portcullis: run that version, or put back a dump from before the upgrade`,
    )
  for (const statements of POSTGRES_MIGRATIONS.slice(seen)) await client.query(statements)
  if (seen < POSTGRES_MIGRATIONS.length)
    await client.query('INSERT INTO steps VALUES ($1)', [POSTGRES_MIGRATIONS.length])
}
