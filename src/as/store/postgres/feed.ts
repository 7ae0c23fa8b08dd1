// What other processes did, read from the table of changes through a connection of its own. A look asks for what its last
// snapshot could not see, whenever it was begun, so a transaction that commits late is not skipped, and one that runs for
// hours elsewhere on the server holds nothing up. A notification only wakes; a look each second, through the same
// connection, tells that it lives.
import type { Client } from 'pg'
import type { Seal } from '../../../lib/seal.ts'
import { toSigningKey } from '../keys.ts'
import type { StoreClock } from '../store.ts'
import { PostgresFault } from './fault.ts'
import type { KnownKey, KnownState, SeenRevocation } from './known-state.ts'

const LOOK_MS = 1_000
/** A look that takes longer counts as a connection that is gone. */
const ANSWER_MS = 3_000
/** Everything, when a connection is new: as much as was revoked within a day. */
const WHOLE_ANSWER_MS = 30_000
const RETRY_MS = 500
/** After such a gap everything is read anew, since what is old was removed from the table (`expired.ts`). */
const LONGEST_GAP_MS = 60_000

export interface DataFeedOptions {
  /** A new connection of its own. */
  readonly connect: () => Promise<Client>
  readonly channel: string
  readonly state: KnownState
  readonly seal: Seal
  readonly clock: StoreClock
}

export interface DataFeed {
  /** Resolved when all is known that was committed before now. Rejects when that cannot be. */
  catchUp(): Promise<void>
  close(): Promise<void>
}

/** Ends when everything was read once; throws when it cannot be. */
export async function startDataFeed(options: DataFeedOptions): Promise<DataFeed> {
  const feed = new ChangeFeed(options)
  try {
    await feed.catchUp()
    return feed
  } catch (error) {
    await feed.close()
    throw error
  }
}

class ChangeFeed implements DataFeed {
  readonly #options: DataFeedOptions
  #client: Client | undefined
  /** The snapshot of the last look, as PostgreSQL writes it; undefined: everything has to be read. */
  #position: string | undefined
  #lookedMs = 0
  /** Whoever asks now must not make a new connection each time. */
  #failedMs = Number.NEGATIVE_INFINITY
  #next: Promise<void> | undefined
  #looking: Promise<void> | undefined
  #isWoken = false
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: DataFeedOptions) {
    this.#options = options
  }

  /** A look that is under way may have begun too early, so the next one counts; it is shared by all who ask meanwhile. */
  catchUp(): Promise<void> {
    this.#next ??= (this.#looking ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#look()
      })
    return this.#next
  }

  #look(): Promise<void> {
    const leftMs = this.#failedMs + RETRY_MS - performance.now()
    if (leftMs > 0) {
      this.#later(leftMs) // a timer may be early, and a connection may end within this time
      return Promise.reject(new PostgresFault(AWAY))
    }
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#looking?.catch(() => undefined)
    await this.#leave()
  }

  async #lookOnce(): Promise<void> {
    let waitMs = LOOK_MS
    try {
      this.#isWoken = false
      this.#client ??= await this.#enter()
      await this.#read(this.#client)
    } catch (error) {
      waitMs = RETRY_MS
      this.#failedMs = performance.now()
      await this.#leave()
      throw error
    } finally {
      this.#later(this.#isWoken ? 0 : waitMs)
    }
  }

  #later(waitMs: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#look().catch(() => undefined), waitMs).unref()
  }

  async #enter(): Promise<Client> {
    const client = await this.#options.connect()
    this.#position = undefined
    client.on('notification', () => {
      this.#isWoken = true
      if (this.#looking === undefined) this.#later(0)
    })
    client.on('end', () => {
      if (this.#client === client) this.#later(0)
    })
    await ask(client, `SET statement_timeout = ${WHOLE_ANSWER_MS}`, [])
    await ask(client, `LISTEN "${this.#options.channel}"`, [])
    return client
  }

  async #leave(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    // One whose network is gone would wait for the other end.
    if (client !== undefined) await Promise.race([client.end().catch(() => undefined), soon()])
  }

  async #read(client: Client): Promise<void> {
    const askedMs = performance.now()
    if (askedMs - this.#lookedMs > LONGEST_GAP_MS) this.#position = undefined
    const version = this.#options.state.keysVersion()
    const isWhole = this.#position === undefined
    const { position, changes } = await readChanges(client, this.#position, this.#options.clock.now())
    const hasKeys = isWhole || changes.some(({ kind }) => kind === 'key')
    const keys = hasKeys ? await this.#readKeys(client) : undefined
    // A key came here meanwhile: what was read may be from before. The position stays, so the next look reads it again.
    const isOvertaken = keys !== undefined && version !== this.#options.state.keysVersion()
    this.#options.state.learn(
      {
        revocations: changes.filter(isRevocation),
        keys: isOvertaken ? undefined : keys,
        people: isWhole ? undefined : changes.filter(({ kind }) => kind === 'person').map(({ id }) => id),
      },
      askedMs,
    )
    if (isOvertaken) this.#isWoken = true
    else this.#position = position
    this.#lookedMs = askedMs
  }

  async #readKeys(client: Client): Promise<readonly KnownKey[]> {
    const { seal, clock } = this.#options
    const { rows } = await ask(client, KEYS, [clock.now()])
    return rows.map((row) => toKnownKey(row, seal))
  }
}

const AWAY = 'what other processes did cannot be read'

type ChangeRow = Readonly<Record<string, unknown>>

interface Changes {
  readonly position: string
  readonly changes: readonly SeenRevocation[]
}

/** In one statement, so that the position is the snapshot that the rows were read with. */
async function readChanges(client: Client, position: string | undefined, now: number): Promise<Changes> {
  const { rows } =
    position === undefined
      ? await ask(client, ALL, [now], WHOLE_ANSWER_MS)
      : await ask(client, SINCE, [position])
  const changes = rows.flatMap(({ kind, id, at }) =>
    kind === null ? [] : [{ kind: String(kind), id: String(id), at: Number(at) }],
  )
  return { position: String(rows[0]?.['position']), changes }
}

/** The first row says the position, also where nothing changed. */
const HEAD = `SELECT pg_current_snapshot()::text AS position, NULL AS kind, NULL AS id, NULL::bigint AS at UNION ALL`
const SINCE = `${HEAD} SELECT NULL, kind, id, at FROM changes
  WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)`
const ALL = `${HEAD} SELECT NULL, kind, id, revoked_at FROM revocations WHERE gone_at > $1`
export const KEYS = `SELECT kid, private_jwk, created_at, gone_at FROM signing_keys WHERE gone_at IS NULL OR gone_at > $1
  ORDER BY retired_at IS NOT NULL, created_at DESC, kid`

function isRevocation({ kind }: SeenRevocation): boolean {
  return kind !== 'key' && kind !== 'person'
}

export function toKnownKey(row: ChangeRow, seal: Seal): KnownKey {
  const goneAt = row['gone_at']
  return { ...toSigningKey(row, seal), goneAt: typeof goneAt === 'number' ? goneAt : undefined }
}

async function ask(
  client: Client,
  text: string,
  values: readonly unknown[],
  answerMs = ANSWER_MS,
): Promise<{ rows: ChangeRow[] }> {
  const query = { text, values: [...values], query_timeout: answerMs }
  try {
    return await client.query(query)
  } catch (error) {
    throw new PostgresFault(AWAY, error)
  }
}

function soon(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 500).unref())
}
