// What is shared with other gateways, as the file says: in Redis or Valkey, or with nobody.
import type { Settings } from '../core/settings.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { Logger } from '../observe/log.ts'
import { createStateInMemory } from './state-in-memory.ts'

/** Throws when the store is there and cannot be used. */
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
