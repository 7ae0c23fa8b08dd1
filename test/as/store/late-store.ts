// A store whose every answer comes some turns later, as from a database on another machine: it stands in for any engine
// that is not in this process. What it keeps, it keeps in SQLite.
import { setImmediate as turn } from 'node:timers/promises'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import type { OpenStore, Repositories, Store } from '../../../src/as/store/store.ts'

type Methods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>

function late<R extends object>(repositories: R): R {
  const slow = ([name, method]: [string, Methods[string]]) => [
    name,
    async (...args: unknown[]) => {
      await turn()
      const answer = await method(...args)
      await turn()
      return answer
    },
  ]
  return Object.fromEntries(
    Object.entries(repositories as Readonly<Record<string, Methods>>).map(([name, methods]) => [
      name,
      Object.fromEntries(Object.entries(methods).map(slow)),
    ]),
  ) as R
}

export const openLateStore: OpenStore = async (data, options) => {
  const store = await openStore(data, options)
  const { database, clock, secret, live, transaction, isFault, close, ...repositories } = store
  const rest: Omit<Store, keyof Repositories> & Pick<typeof store, 'database'> = {
    ...{ database, clock, secret, isFault, close },
    live: { ...live, person: async (subject) => turn().then(() => live.person(subject)) },
    transaction: (work, durability) => transaction((within) => work(late(within)), durability),
  }
  return { ...late<Repositories>(repositories), ...rest }
}
