// The tables behind a store, for tests that look into the file or break it.
import type { DatabaseSync } from 'node:sqlite'
import type { SqliteStore } from '../../../src/as/store/sqlite/open-store.ts'
import type { Store } from '../../../src/as/store/store.ts'

export function databaseOf(store: Store): DatabaseSync {
  return (store as SqliteStore).database
}
