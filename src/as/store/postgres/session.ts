// How the repositories ask: each statement by itself, or several as one transaction. A transaction is SERIALIZABLE, so
// what it read is still true when it commits. Where others were in the way it is run again, the second time alone: then
// no other transaction runs beside it, so that even a flood on one row ends, in turns.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { PoolClient } from 'pg'
import { OUTSIDE_TRANSACTION, TRANSACTION_OVER } from '../store.ts'
import type { ServerPool } from './connections.ts'
import { codeOf, isConflict, isOfStatement, PostgresFault } from './fault.ts'

export type Row = Readonly<Record<string, unknown>>
type Value = string | number | Uint8Array | null | readonly string[]

export interface Session {
  rows(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** How many rows a statement changed. */
  changed(sql: string, values?: readonly Value[]): Promise<number>
  /** All or nothing: a transaction, or a part of the one that is under way. */
  whole<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** When it is certain: now, or when the transaction that is under way was committed. */
  afterCommit(work: () => void): void
}

export interface Sessions {
  /** Outside of every transaction. */
  readonly outside: Session
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
}

/** The first beside others, the rest alone; single statements of others may still be in the way of those. */
const MAX_ATTEMPTS = 5

export function createSessions(connections: ServerPool): Sessions {
  const inside = new AsyncLocalStorage<{ isOver: boolean }>()
  const refuseInside = () => {
    if (inside.getStore()?.isOver === false) throw new Error(OUTSIDE_TRANSACTION)
  }
  const transaction: Sessions['transaction'] = async (work) => {
    refuseInside()
    for (let attempt = 1; ; attempt += 1) {
      const state = { isOver: false }
      try {
        return await connections.use((client) => inside.run(state, () => runOn(client, work, attempt > 1)))
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error
      } finally {
        state.isOver = true
      }
    }
  }
  const ask = async (sql: string, values: readonly Value[] = []) => {
    refuseInside()
    return connections.use((client) => query(client, sql, values))
  }
  return {
    transaction,
    outside: {
      rows: async (sql, values) => (await ask(sql, values)).rows,
      changed: async (sql, values) => (await ask(sql, values)).rowCount,
      whole: transaction,
      afterCommit: (work) => work(),
    },
  }
}

/** Waits for nobody with ROW EXCLUSIVE but whoever is alone. LOCK TABLE comes before the snapshot is taken. */
const begin = (isAlone: boolean) =>
  `BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE turns IN ${isAlone ? 'SHARE ROW EXCLUSIVE' : 'ROW EXCLUSIVE'} MODE`

async function runOn<T>(
  client: PoolClient,
  work: (session: Session) => Promise<T>,
  isAlone: boolean,
): Promise<T> {
  let isOver = false
  const waiting: (() => void)[] = []
  const ask = async (sql: string, values: readonly Value[] = []) => {
    if (isOver) throw new Error(TRANSACTION_OVER)
    return query(client, sql, values)
  }
  const session: Session = {
    rows: async (sql, values) => (await ask(sql, values)).rows,
    changed: async (sql, values) => (await ask(sql, values)).rowCount,
    whole: (part) => part(session),
    afterCommit: (told) => void waiting.push(told),
  }
  try {
    await query(client, begin(isAlone))
    const result = await work(session)
    isOver = true
    await commit(client)
    for (const told of waiting) told()
    return result
  } catch (error) {
    isOver = true
    await takeBack(client, error)
    throw error
  }
}

/** A COMMIT after a statement that failed takes everything back, and calls that no error. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await query(client, 'COMMIT')
  if (command !== 'COMMIT') throw new PostgresFault('a statement of the transaction had failed')
}

/** Not on a connection that is broken: it ends, and the transaction with it. */
async function takeBack(client: PoolClient, error: unknown): Promise<void> {
  if (!(error instanceof PostgresFault) || isOfStatement(error)) await query(client, 'ROLLBACK')
}

interface Answer {
  readonly rows: readonly Row[]
  readonly rowCount: number
  readonly command: string
}

async function query(client: PoolClient, sql: string, values: readonly Value[] = []): Promise<Answer> {
  if (values.some(isUnkeepable)) return refuseText(sql)
  try {
    const { rows, rowCount, command } = await client.query(sql, values as Value[])
    return { rows, rowCount: rowCount ?? 0, command }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new PostgresFault(`PostgreSQL: ${why}${codeOf(error) ? ` (${codeOf(error)})` : ''}`, error)
  }
}

/** PostgreSQL keeps no text with a zero byte: whoever looks for one finds nothing. */
function isUnkeepable(value: Value): boolean {
  return typeof value === 'string' && value.includes('\0')
}

function refuseText(sql: string): Answer {
  if (sql.startsWith('SELECT')) return { rows: [], rowCount: 0, command: 'SELECT' }
  throw new PostgresFault('a text with a zero byte cannot be kept')
}
