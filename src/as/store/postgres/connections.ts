// Connections to the server: a few in a pool, and one alone for whoever listens. Each is set up before its first use, and
// one that takes no writes is never used: it is a standby, or the one that was the primary until now.
import { readFileSync } from 'node:fs'
import { Client, type ClientConfig, Pool, type PoolClient, types } from 'pg'
import type { PostgresAddress } from '../../../lib/postgres-url.ts'
import { isOfStatement, PostgresFault } from './fault.ts'

/** The time for one statement. The server ends what takes longer; the time covers waiting for locks. */
const STATEMENT_MS = 5_000
/** The way to the server may be cut without a word, so nobody waits for an answer much longer than the server works on it. */
const ANSWER_MS = 7_000
/** A transaction whose process was stopped in the middle holds others up no longer than this. */
const IDLE_IN_TRANSACTION_MS = 10_000
/** For a free connection of the pool, and for a new one. */
const CONNECT_MS = 5_000
const IDLE_MS = 60_000
const INT8 = 20

export interface ServerPool {
  /** Lends one for `work`; one that broke, or that nobody knows the state of, goes back to nobody. */
  use<T>(work: (client: PoolClient) => Promise<T>): Promise<T>
  /** One of its own, which its owner ends. */
  alone(): Promise<Client>
  close(): Promise<void>
}

/** @param most connections of the pool */
export function createServerPool(address: PostgresAddress, most: number): ServerPool {
  const config = configOf(address)
  const pool = new Pool({
    ...config,
    max: most,
    idleTimeoutMillis: IDLE_MS,
    application_name: applicationName(address),
  })
  pool.on('error', ignore) // of one that nobody uses: it is gone from the pool already
  pool.on('connect', (client) => void client.on('error', ignore)) // whoever uses it hears of it by its query
  const ready = new WeakSet<PoolClient>()
  return {
    async use(work) {
      const client = await acquire(pool, address)
      let isSound = false
      try {
        if (!ready.has(client)) await setUp(client, address)
        ready.add(client)
        const result = await work(client)
        isSound = true
        return result
      } catch (error) {
        isSound = !(error instanceof PostgresFault) || isOfStatement(error)
        throw error
      } finally {
        client.release(!isSound)
      }
    },
    async alone() {
      const client = new Client({ ...config, application_name: `${applicationName(address)} changes` })
      client.on('error', ignore)
      try {
        await client.connect()
        await setUp(client, address)
        return client
      } catch (error) {
        void client.end().catch(ignore)
        throw asFault(error, address)
      }
    },
    close: () => pool.end(),
  }
}

/** By which sessions of Portcullis are known in `pg_stat_activity`. */
export function applicationName({ schema }: PostgresAddress): string {
  return `portcullis ${schema}`
}

async function acquire(pool: Pool, address: PostgresAddress): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw asFault(error, address)
  }
}

async function setUp(client: PoolClient | Client, address: PostgresAddress): Promise<void> {
  try {
    const { rows } = await client.query(SET_UP, [
      `"${address.schema}"`,
      String(STATEMENT_MS),
      String(IDLE_IN_TRANSACTION_MS),
    ])
    if (rows[0]?.read_only !== false) throw new PostgresFault(readOnlyAt(address))
  } catch (error) {
    throw asFault(error, address)
  }
}

function readOnlyAt({ shown }: PostgresAddress): string {
  return `${shown} takes no writes: it is a standby, or default_transaction_read_only is on; name the primary`
}

function asFault(error: unknown, { shown }: PostgresAddress): PostgresFault {
  if (error instanceof PostgresFault) return error
  const why = error instanceof Error ? error.message || error.name : String(error)
  return new PostgresFault(`${shown} cannot be used: ${why}`, error)
}

const SET_UP = `SELECT set_config('search_path', $1, false), set_config('statement_timeout', $2, false),
  set_config('idle_in_transaction_session_timeout', $3, false),
  set_config('default_transaction_isolation', 'read committed', false),
  pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only`

function configOf(address: PostgresAddress): ClientConfig {
  const { host, port, user, password, database } = address
  return {
    ...{ host, port, user, database, password },
    ssl: sslOf(address),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: {
      // Times in milliseconds and counts: far below 2^53.
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
    },
  }
}

function sslOf({ tls, rootCertificate }: PostgresAddress): ClientConfig['ssl'] {
  if (!tls) return false
  return rootCertificate === undefined ? {} : { ca: readFileSync(rootCertificate, 'utf8') }
}

function ignore(): void {}
