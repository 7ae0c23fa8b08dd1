// The store in one SQLite file.
import type { DatabaseSync } from 'node:sqlite'
import { createKeyedDigest } from '../../../lib/keyed-digest.ts'
import { makeSigningKey, type SigningKey } from '../keys.ts'
import type { LiveState } from '../live.ts'
import type { Repositories, Store, StoreOptions } from '../store.ts'
import { createArtifacts } from './artifacts.ts'
import { createClientHolders } from './client-holders.ts'
import { createClients } from './clients.ts'
import { connectTo, type DatabaseConnection } from './connection.ts'
import { createConsents } from './consents.ts'
import { createExpired } from './expired.ts'
import { createGrants } from './grants.ts'
import { createHeldCodes } from './held-codes.ts'
import { createSigningKeys } from './keys.ts'
import { createLoginSessions } from './login-sessions.ts'
import { createOutbox } from './outbox.ts'
import { createPasskeys } from './passkeys.ts'
import { createProviderTokens } from './provider-tokens.ts'
import { createResets } from './resets.ts'
import { createRevocations } from './revocations.ts'
import { createSingleUses } from './single-use.ts'
import { repositoriesOver, type Tables } from './tables.ts'
import { createTallies } from './tallies.ts'
import { createTransactions } from './transactions.ts'
import { createUsers } from './users.ts'

export interface SqliteStore extends Store {
  /** For tests. */
  readonly database: DatabaseSync
}

/** Throws when the file cannot be used: not writable, not a database, made by a newer version, another secret. */
export async function openStore(file: string | ':memory:', options: StoreOptions): Promise<SqliteStore> {
  const firstKey = await makeSigningKey()
  const connection = connectTo(file, options)
  try {
    return storeOn(connection, firstKey)
  } catch (error) {
    connection.database.close()
    throw error
  }
}

function storeOn(connection: DatabaseConnection, firstKey: SigningKey): SqliteStore {
  const { database, clock, secret } = connection
  const { tables, revokedAt, signingKeys } = tablesOn(connection, firstKey)
  const transactions = createTransactions(connection)
  const person = (subject: string) => tables.users.find(subject)
  return {
    ...repositoriesOver<Repositories>(tables, transactions.enter),
    database,
    clock,
    secret,
    live: {
      revokedAt,
      signingKeys,
      person: (subject) =>
        transactions.isOpen() ? transactions.enter(() => person(subject)) : person(subject),
    },
    transaction: (work, durability = 'lasting') =>
      transactions.run((within) => work(repositoriesOver<Repositories>(tables, within)), durability),
    isFault: isSqliteFault,
    close: () => transactions.enter(() => database.close()),
  }
}

/** `SQLITE_ERROR` is a statement that is wrong, or a table that is not there: a bug. */
const WRONG_STATEMENT = 1

function isSqliteFault(error: unknown): boolean {
  const isSqlite = error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
  return isSqlite && !('errcode' in error && error.errcode === WRONG_STATEMENT)
}

interface Made {
  readonly tables: Tables<Repositories>
  readonly revokedAt: LiveState['revokedAt']
  readonly signingKeys: LiveState['signingKeys']
}

function tablesOn(connection: DatabaseConnection, firstKey: SigningKey): Made {
  const artifacts = createArtifacts(connection)
  const revocations = createRevocations(connection)
  const signingKeys = createSigningKeys(connection, firstKey)
  const digestOf = createKeyedDigest(connection.secret, 'networks')
  const tables = {
    artifacts,
    revocations: revocations.tables,
    clientHolders: createClientHolders(connection, digestOf),
    clients: createClients(connection, digestOf),
    consents: createConsents(connection),
    expired: createExpired(connection),
    grants: createGrants(connection, artifacts, revocations.tables),
    heldCodes: createHeldCodes(connection, digestOf),
    loginSessions: createLoginSessions(connection),
    outbox: createOutbox(connection),
    passkeys: createPasskeys(connection),
    providerTokens: createProviderTokens(connection),
    resets: createResets(connection),
    signingKeys: signingKeys.tables,
    singleUses: createSingleUses(connection),
    tallies: createTallies(connection),
    users: createUsers(connection),
  }
  return { tables, revokedAt: revocations.revokedAt, signingKeys: signingKeys.current }
}
