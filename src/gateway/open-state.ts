// Opens the state that the file names: in Redis or Valkey, shared with other gateways, or in memory.
import type { Settings } from '../core/settings.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { Logger } from '../observe/log.ts'
import { createStateInMemory } from './state-in-memory.ts'

/** Throws when the store answers but cannot be used. */
export async function openState({ state, sessionKey }: Settings, log: Logger): Promise<SharedState> {
  const local = createStateInMemory()
  if (state === undefined || sessionKey === undefined) return local
  const { createRedisState } = await import('../state/redis/redis-state.ts')
  return createRedisState({
    settings: state,
    sessionKey: Buffer.from(sessionKey.reveal()),
    local,
    tell: (sentence) => log.warn({ event: 'shared_state' }, sentence),
  })
}
