// The commands of the shared state in Redis or Valkey. Keys of one caller share a hash tag. There are only a few tags,
// so each script runs on one node of a cluster, and the keys of all callers are spread over all nodes.

import type { Rate } from '../../core/rate.ts'
import type { Keeping, StateCommands, Used } from '../../core/shared-state.ts'
import { UNAVAILABLE, type Unavailable } from '../../core/shared-state.ts'
import { createBatchedTakes, type TakeMode } from './batched-takes.ts'
import type { BoundedRedis } from './bounded.ts'
import { createFeedReader } from './feed-reader.ts'
import { createRecordCommands } from './record-commands.ts'
import { createScript } from './run-script.ts'
import { KEEP, PUBLISH, TAKE, UNLOCK, USE } from './scripts.ts'

export interface RedisCommandsOptions {
  readonly redis: BoundedRedis
  readonly prefix: string
  /** Returns the group of a key; keys of one group may be in one script. */
  readonly groupOf: (key: string) => string
  /** False where the server may evict what must not be forgotten. */
  readonly mayRemember: () => boolean
  readonly close: () => void
}

const OUTCOMES: readonly Used['outcome'][] = ['first', 'again', 'full']
/** How many events of the feed are kept for a gateway that was away. */
const MAX_EVENTS = 10_000

export function createRedisCommands(options: RedisCommandsOptions): StateCommands {
  const { redis, prefix, groupOf, mayRemember, close } = options
  const script = (text: string) => createScript(text, redis.ask)
  const [use, keep, unlock, publish] = [script(USE), script(KEEP), script(UNLOCK), script(PUBLISH)]
  const group = (name: string) => `${prefix}{${name.slice(0, 1)}}`
  const ask = (command: string, key: string) => redis.ask(key, [command, key])
  const takes = createBatchedTakes(script(TAKE), groupOf)
  const count = async (mode: TakeMode, table: string, name: string, rate: Rate, amount: number) => {
    const key = `${group(name)}count ${table} ${name}`
    const wait = await takes({ key, mode, count: amount, most: rate.count, windowMs: rate.seconds * 1_000 })
    return typeof wait === 'number' ? Math.max(1, Math.ceil(wait / 1_000)) : wait
  }
  const feed = { position: `${prefix}{feed}position`, stream: `${prefix}{feed}stream` }
  const reader = createFeedReader(redis, feed)
  return {
    take: (table, key, rate, amount) => count('take', table, key, rate, amount),
    peek: (table, key, rate, amount) => count('peek', table, key, rate, amount),
    giveBack: (table, key, rate, amount) => void count('give', table, key, rate, amount),
    async use(table, owner, id, { forMs, most }) {
      if (!mayRemember()) return UNAVAILABLE
      const place = group(owner)
      const keys = [`${place}used ${table} ${id}`, `${place}uses ${table} ${owner}`, `${place}epoch`]
      return usedOf(await use({ keys, args: [String(forMs), String(most), String(Date.now())] }))
    },
    async keep(table, owner, key, value, { forMs, most }: Keeping) {
      const place = group(owner)
      const keys = [`${place}kept ${table} ${key}`, `${place}keeps ${table} ${owner}`]
      const reply = await keep({ keys, args: [value, String(forMs), String(most)] })
      return reply === UNAVAILABLE ? UNAVAILABLE : undefined
    },
    async find(table, owner, key) {
      return keptOf(await ask('GET', `${group(owner)}kept ${table} ${key}`))
    },
    async remove(table, owner, key) {
      return keptOf(await ask('GETDEL', `${group(owner)}kept ${table} ${key}`))
    },
    ...createRecordCommands(redis.ask, `${prefix}{records}`),
    async lock(name, holder, forMs) {
      const key = `${group(name)}lock ${name}`
      const reply = await redis.ask(key, ['SET', key, holder, 'NX', 'PX', String(forMs)])
      return reply === UNAVAILABLE ? UNAVAILABLE : reply !== null
    },
    unlock: (name, holder) => void unlock({ keys: [`${group(name)}lock ${name}`], args: [holder] }),
    publish: (event) =>
      void publish({ keys: [feed.position, feed.stream], args: [event, String(MAX_EVENTS)] }),
    listen: reader.listen,
    async close() {
      reader.close()
      close()
    },
  }
}

function keptOf(reply: unknown): string | undefined | Unavailable {
  if (reply === null) return undefined
  return typeof reply === 'string' ? reply : UNAVAILABLE
}

function usedOf(reply: unknown): Used | Unavailable {
  if (!Array.isArray(reply)) return UNAVAILABLE
  const outcome = OUTCOMES[Number(reply[0])]
  const since = Number(reply[1])
  return outcome === undefined || !Number.isFinite(since) ? UNAVAILABLE : { outcome, since }
}
