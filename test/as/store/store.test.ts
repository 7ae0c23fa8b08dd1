// Every engine of the store holds the same: SQLite, and one whose answers come later. Another one is added to the list.
import { afterEach, beforeEach, describe } from 'vitest'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import type { OpenStore, Store } from '../../../src/as/store/store.ts'
import { holdsThingsOnce } from './contract-once.ts'
import { holdsRepositories } from './contract-repositories.ts'
import { holdsTransactions } from './contract-transactions.ts'
import { openLateStore } from './late-store.ts'

const ENGINES: readonly (readonly [name: string, open: OpenStore])[] = [
  ['SQLite', openStore],
  ['SQLite, answering later', openLateStore],
]

describe.each(ENGINES)('%s', (_name, open) => {
  let store: Store
  let now = 0
  beforeEach(async () => {
    now = Date.now()
    store = await open(':memory:', { secret: Buffer.alloc(32, 7), clock: { now: () => now } })
  })
  afterEach(() => store.close())
  const opened = () => store
  const later = (ms: number) => {
    now += ms
  }

  describe('of many at once, one', () => holdsThingsOnce(opened))
  describe('transactions', () => holdsTransactions(opened))
  describe('repositories', () => holdsRepositories(opened, later))
})
