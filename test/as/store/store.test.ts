// Every engine of the store holds the same: SQLite, one whose answers come later, and a real PostgreSQL server.
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { openPostgres } from '../../../src/as/store/postgres/open-postgres.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import type { OpenStore, Store } from '../../../src/as/store/store.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts'
import { holdsAccounts } from './contract-accounts.ts'
import { holdsThingsOnce } from './contract-once.ts'
import { holdsRepositories } from './contract-repositories.ts'
import { holdsTransactions } from './contract-transactions.ts'
import { openLateStore } from './late-store.ts'

let postgres: TestPostgres | undefined
let made = 0
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

interface Engine {
  readonly name: string
  readonly isHere: boolean
  readonly open: OpenStore
}

const ENGINES: readonly Engine[] = [
  { name: 'SQLite', isHere: true, open: openStore },
  { name: 'SQLite, answering later', isHere: true, open: openLateStore },
  {
    name: 'PostgreSQL',
    isHere: hasPostgres,
    open: (_data, options) => {
      made += 1
      return openPostgres(postgres?.url(`contract_${made}`) ?? '', options)
    },
  },
]

describe.each(ENGINES)('$name', ({ isHere, open }) => {
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

  describe.skipIf(!isHere)('of many at once, one', () => holdsThingsOnce(opened))
  describe.skipIf(!isHere)('transactions', () => holdsTransactions(opened))
  describe.skipIf(!isHere)('repositories', () => holdsRepositories(opened, later))
  describe.skipIf(!isHere)('accounts', () => holdsAccounts(opened, later))
})
