// One connection to the file of the data, opened durable and brought to the newest shape.
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSeal, type Seal } from '../seal.ts'
import type { StoreClock, StoreOptions } from '../store.ts'
import { MIGRATIONS } from './migrations.ts'

export interface DatabaseConnection {
  readonly database: DatabaseSync
  readonly clock: StoreClock
  /** Seals what must not be read in the file. */
  readonly seal: Seal
  readonly secret: Buffer
  /** All or nothing. May be nested, and then the outermost one commits. Throws what `work` throws. */
  transaction<T>(work: () => T): T
  /** For writes of what is only under way: the end of this process loses nothing of them, a power cut may. */
  fleeting<T>(work: () => T): T
  /** Changes when another connection, such as a command, changed the file. */
  foreignVersion(): number
}

const BUSY_TIMEOUT_MS = 5_000
const MIN_SECRET_BYTES = 32

/** Throws when the file cannot be used: not writable, not a database, made by a newer version. */
export function connectTo(file: string | ':memory:', { secret, clock }: StoreOptions): DatabaseConnection {
  if (secret.length < MIN_SECRET_BYTES) throw new Error(`the cookie secret needs ${MIN_SECRET_BYTES} bytes`)
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = openDatabase(file)
  const version = database.prepare('PRAGMA data_version')
  let depth = 0
  const transaction = <T>(work: () => T): T => {
    if (depth > 0) return work()
    database.exec('BEGIN IMMEDIATE')
    depth += 1
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK') // SQLite ends it by itself when the disk is full
      throw error
    } finally {
      depth -= 1
    }
  }
  const fleeting = <T>(work: () => T): T => {
    if (depth > 0) return work() // SQLite: not to be changed inside a transaction
    database.exec('PRAGMA synchronous = NORMAL')
    try {
      return work()
    } finally {
      database.exec('PRAGMA synchronous = FULL')
    }
  }
  migrate(database, transaction)
  return {
    database,
    clock,
    secret,
    seal: createSeal(secret, 'payload'),
    transaction,
    fleeting,
    foreignVersion: () => Number(version.get()?.['data_version']),
  }
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    if (file !== ':memory:') chmodSync(file, 0o600)
    // What was acknowledged must survive a kill -9 and a power cut, so each write waits for the disk; see `fleeting`.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    return database
  } catch (error) {
    database.close()
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${file} cannot be used: ${why}`, { cause: error })
  }
}

function migrate(database: DatabaseSync, transaction: (work: () => void) => void): void {
  const seen = () => Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (seen() > MIGRATIONS.length) throw new Error('the data was written by a newer version of Portcullis')
  for (const [index, statements] of MIGRATIONS.entries()) {
    transaction(() => {
      if (seen() > index) return // another process was first
      database.exec(statements)
      database.exec(`PRAGMA user_version = ${index + 1}`)
    })
  }
}
