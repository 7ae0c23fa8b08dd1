// One connection to the file of the data, opened durable and brought to the newest shape.
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSeal, type Seal } from '../../../lib/seal.ts'
import { writing } from '../../../lib/unwritable-path.ts'
import type { Durability, StoreClock, StoreOptions } from '../store.ts'
import { newerProblem, seenMigrations } from './file-version.ts'
import { MIGRATIONS } from './migrations.ts'

export interface DatabaseConnection {
  readonly database: DatabaseSync
  readonly clock: StoreClock
  /** Seals what must not be read in the file. */
  readonly seal: Seal
  readonly secret: Buffer
  begin(durability: Durability): void
  commit(): void
  /** Also where there is nothing left to take back: SQLite ends a transaction by itself when the disk is full. */
  rollback(): void
  /** All or nothing; a part of the transaction that is under way, if there is one. Throws what `work` throws. */
  transaction<T>(work: () => T): T
  /** For writes of what is only under way, unless they are a part of something else. See `Durability`. */
  fleeting<T>(work: () => T): T
  /** When it is certain: now, or when the transaction that is under way was committed. */
  afterCommit(work: () => void): void
  /** How often something was taken back. */
  rollbacks(): number
  /** Changes when another connection, such as a command, changed the file. */
  foreignVersion(): number
}

const BUSY_TIMEOUT_MS = 5_000
const MIN_SECRET_BYTES = 32

/** Throws when the file cannot be used: not writable, not a database, made by a newer version. */
export function connectTo(file: string | ':memory:', { secret, clock }: StoreOptions): DatabaseConnection {
  if (secret.length < MIN_SECRET_BYTES) throw new Error(`the cookie secret needs ${MIN_SECRET_BYTES} bytes`)
  if (file !== ':memory:')
    writing('authorization_server.data', file, () =>
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 }),
    )
  const database = openDatabase(file)
  const version = database.prepare('PRAGMA data_version')
  const transactions = transactionsOn(database)
  migrate(file, database, transactions.transaction)
  return {
    database,
    clock,
    secret,
    seal: createSeal(secret, 'payload'),
    ...transactions,
    foreignVersion: () => Number(version.get()?.['data_version']),
  }
}

type Transacting = Omit<DatabaseConnection, 'database' | 'clock' | 'seal' | 'secret' | 'foreignVersion'>

function transactionsOn(database: DatabaseSync): Transacting {
  let waiting: (() => void)[] = []
  let taken = 0
  let isWaiting = true
  /** Whether a commit waits for the disk. SQLite: not to be changed inside a transaction. */
  const waitForDisk = (wanted: boolean) => {
    if (wanted !== isWaiting) database.exec(`PRAGMA synchronous = ${wanted ? 'FULL' : 'NORMAL'}`)
    isWaiting = wanted
  }
  const begin = (durability: Durability) => {
    waitForDisk(durability === 'lasting')
    database.exec('BEGIN IMMEDIATE')
  }
  const commit = () => {
    database.exec('COMMIT')
    waitForDisk(true)
    const done = waiting
    waiting = []
    for (const work of done) work()
  }
  const rollback = () => {
    if (database.isTransaction) database.exec('ROLLBACK')
    waitForDisk(true)
    waiting = []
    taken += 1
  }
  return {
    begin,
    commit,
    rollback,
    transaction(work) {
      if (database.isTransaction) return work()
      try {
        begin('lasting')
        const result = work()
        commit()
        return result
      } catch (error) {
        rollback()
        throw error
      }
    },
    fleeting(work) {
      if (database.isTransaction) return work()
      waitForDisk(false)
      try {
        return work()
      } finally {
        waitForDisk(true)
      }
    },
    afterCommit(work) {
      if (database.isTransaction) waiting.push(work)
      else work()
    },
    rollbacks: () => taken,
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

function migrate(file: string, database: DatabaseSync, transaction: (work: () => void) => void): void {
  const seen = () => seenMigrations(database)
  const problem = newerProblem(file, seen())
  if (problem !== undefined) throw new Error(problem)
  for (const [index, statements] of MIGRATIONS.entries()) {
    transaction(() => {
      if (seen() > index) return // another process was first
      database.exec(statements)
      database.exec(`PRAGMA user_version = ${index + 1}`)
    })
  }
}
