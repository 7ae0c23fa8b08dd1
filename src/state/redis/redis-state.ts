// Puts together the shared state in Redis or Valkey: connection, checks and commands. A server that may evict what must
// not be forgotten is refused at start. One that turns out to do so later is not asked about proofs.
import type { StateSettings } from '../../core/settings-state.ts'
import type { SharedState } from '../../core/shared-state.ts'
import { createPrivacy } from '../privacy.ts'
import { createRemoteState } from '../remote-state.ts'
import { createBounded } from './bounded.ts'
import { connectRedis } from './connection.ts'
import { createRedisHealth, sentenceOf } from './health.ts'
import { createRedisCommands } from './redis-commands.ts'

export interface RedisStateOptions {
  readonly settings: StateSettings
  /** A key of at least 32 bytes, which is the same in each gateway. */
  readonly sessionKey: Uint8Array
  /** The state that this process uses while the store is away. */
  readonly local: SharedState
  /** Tells the operator; at most one sentence for each change. */
  readonly tell: (sentence: string) => void
}

/** How long a start waits for the store. Without the store the gateway begins alone. */
const START_MS = 3_000

/** Throws where the server answers and may evict what must not be forgotten. */
export async function createRedisState(options: RedisStateOptions): Promise<SharedState> {
  const { settings, sessionKey, local, tell } = options
  const connection = connectRedis(settings)
  const health = createRedisHealth(connection, tell)
  const groupOf = settings.topology === 'cluster' ? hashTagOf : () => ''
  const { timeoutMs, prefix } = settings
  const redis = createBounded(connection, {
    ...health,
    timeoutMs,
    placeOf: groupOf,
    probeOf: probeFor(settings),
  })
  const close = () => {
    redis.close()
    health.close()
    connection.close()
  }
  const commands = createRedisCommands({
    ...{ redis, close, prefix, groupOf },
    mayRemember: health.mayRemember,
  })
  await health.started(START_MS)
  const evicts = health.evicts()
  if (evicts !== undefined) {
    close()
    throw new Error(`state: ${sentenceOf(evicts)}`)
  }
  if (redis.isAway()) tell('the shared state does not answer; this gateway counts alone until it does')
  return {
    ...createRemoteState({ commands, local, privacy: createPrivacy(sessionKey) }),
    status: () => ({
      name: 'state',
      ready: !redis.isAway(),
      ageMs: health.ageMs(),
      lastError: health.lastError(),
    }),
  }
}

/** A write, since a server that became a replica still answers. Which node a cluster has for no key is not known. */
function probeFor({ topology, prefix }: StateSettings): (place: string) => readonly string[] {
  const write = (key: string) => ['SET', key, '', 'PX', '1000']
  return (place) => {
    if (place !== '') return write(`${place}probe`)
    return topology === 'cluster' ? ['TIME'] : write(`${prefix}{probe}`)
  }
}

/** `portcullis:{x}count …` → `portcullis:{x}`: keys that a cluster keeps on one node. */
function hashTagOf(key: string): string {
  return key.slice(0, key.indexOf('}') + 1)
}
