// The store in one SQLite file.
import type { DatabaseSync } from 'node:sqlite'
import { makeSigningKey } from '../keys.ts'
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
import { createNetworkDigest } from './network-digest.ts'
import { createOutbox } from './outbox.ts'
import { createProviderTokens } from './provider-tokens.ts'
import { createRevocations } from './revocations.ts'
import { createSingleUses } from './single-use.ts'
import { createTallies } from './tallies.ts'
import { createUsers } from './users.ts'

export interface SqliteStore extends Store {
  /** For tests. */
  readonly database: DatabaseSync
}

/** Throws when the file cannot be used: not writable, not a database, made by a newer version, another secret. */
export async function openStore(file: string | ':memory:', options: StoreOptions): Promise<SqliteStore> {
  const first = await makeSigningKey()
  const connection = connectTo(file, options)
  const { database, clock, secret, transaction, fleeting } = connection
  try {
    const repositories = {
      ...createRepositories(connection),
      signingKeys: createSigningKeys(connection, first),
    }
    return { ...repositories, database, clock, secret, transaction, fleeting, close: () => database.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

function createRepositories(connection: DatabaseConnection): Omit<Repositories, 'signingKeys'> {
  const artifacts = createArtifacts(connection)
  const revocations = createRevocations(connection)
  const digestOf = createNetworkDigest(connection.secret)
  return {
    artifacts,
    revocations,
    clientHolders: createClientHolders(connection, digestOf),
    clients: createClients(connection, digestOf),
    consents: createConsents(connection),
    expired: createExpired(connection),
    grants: createGrants(connection, artifacts, revocations),
    heldCodes: createHeldCodes(connection, digestOf),
    outbox: createOutbox(connection),
    providerTokens: createProviderTokens(connection),
    singleUses: createSingleUses(connection),
    tallies: createTallies(connection),
    users: createUsers(connection),
  }
}
