// The tables of a schema as a whole, for moving them.
import type { Client } from 'pg'
import type { PostgresAddress } from '../../../lib/postgres-url.ts'
import { readPostgresUrl } from '../../../lib/postgres-url.ts'
import {
  COPIED_AT_ONCE,
  COPIED_TABLES,
  type CopiedRow,
  type CopiedTable,
  type CopiedValue,
  type TableAccess,
} from '../copied-tables.ts'
import { withoutZeros } from './client-rows.ts'
import { applicationName, createServerPool } from './connections.ts'
import { consentDigest } from './consent-rows.ts'
import { migrate } from './migrate.ts'

/** Throws when the server cannot be used, or a gateway serves from it. */
export async function openServerTables(data: string): Promise<TableAccess> {
  const read = readPostgresUrl(data)
  if (!read.ok) throw new Error(`authorization_server.data: ${read.problem}`)
  const pool = createServerPool(read.address, 1)
  try {
    await migrate(pool, read.address)
    const client = await pool.alone()
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE turns IN SHARE ROW EXCLUSIVE MODE')
    await refuseServed(client, read.address)
    return accessOver(client, () => pool.close())
  } catch (error) {
    await pool.close()
    throw error
  }
}

async function refuseServed(client: Client, address: PostgresAddress): Promise<void> {
  const { rows } = await client.query(
    'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()',
    [`${applicationName(address)} changes`],
  )
  if (rows.length === 0) return
  await client.end()
  throw new Error(`a gateway serves from ${address.shown}; stop it first`)
}

function accessOver(client: Client, closePool: () => Promise<void>): TableAccess {
  return {
    async *read(table) {
      await client.query(`DECLARE copied CURSOR FOR ${selectOf(table)}`)
      for (;;) {
        const { rows } = await client.query(`FETCH ${COPIED_AT_ONCE} FROM copied`)
        if (rows.length === 0) break
        yield rows as CopiedRow[]
      }
      await client.query('CLOSE copied')
    },
    async isEmpty() {
      const all = COPIED_TABLES.map(({ name }) => `EXISTS (SELECT 1 FROM ${name})`).join(' OR ')
      return (await client.query(`SELECT NOT (${all}) AS is_empty`)).rows[0]?.is_empty === true
    },
    async write(table, rows) {
      if (rows.length === 0) return
      const columns = columnsOf(table)
      const values: CopiedValue[] = []
      const tuples = rows.map((row) => {
        const places = columns.map(({ valueIn }) => `$${values.push(valueIn(row))}`)
        return `(${places.join(', ')})`
      })
      const names = columns.map(({ name }) => name).join(', ')
      await client.query(`INSERT INTO ${table.name} (${names}) VALUES ${tuples.join(', ')}`, values)
    },
    clear: async ({ name }) => (await client.query(`DELETE FROM ${name}`)).rowCount ?? 0,
    commit: async () => void (await client.query('COMMIT')),
    async close() {
      await client.end() // what was not committed is taken back
      await closePool()
    },
  }
}

/**
 * Selects the rows to copy. Of a revocation that stands there twice the later counts; commands are copied in their
 * order.
 */
function selectOf({ name, columns }: CopiedTable): string {
  if (name === 'revocations')
    return 'SELECT kind, id, max(revoked_at) AS revoked_at, max(gone_at) AS gone_at FROM revocations GROUP BY kind, id'
  return `SELECT ${columns.join(', ')} FROM ${name}${name === 'told_later' ? ' ORDER BY id' : ''}`
}

interface WrittenColumn {
  readonly name: string
  readonly valueIn: (row: CopiedRow) => CopiedValue
}

/** Names may hold what PostgreSQL cannot keep; consents have a key of their own here. */
function columnsOf({ name: table, columns }: CopiedTable): readonly WrittenColumn[] {
  const plain = columns.map((name) => ({
    name,
    valueIn: (row: CopiedRow) => {
      const value = row[name] ?? null
      return typeof value === 'string' && NAMES.includes(name) ? withoutZeros(value) : value
    },
  }))
  if (table !== 'consents') return plain
  const key = (row: CopiedRow) =>
    KEY_OF_CONSENT.map((name) => String(row[name])) as [string, string, string, string]
  return [...plain, { name: 'digest', valueIn: (row) => consentDigest(...key(row)) }]
}

const NAMES = ['name', 'client_name']
const KEY_OF_CONSENT = ['account_id', 'client_id', 'redirect_uri', 'resource']
