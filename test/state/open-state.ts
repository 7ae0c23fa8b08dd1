// A gateway's state in a real redis-server or valkey-server, closed by whoever opened it.
import type { StateSettings } from '../../src/core/settings-state.ts'
import type { SharedState } from '../../src/core/shared-state.ts'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { createRedisState } from '../../src/state/redis/redis-state.ts'

export const SESSION_KEY = Buffer.from('kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY')

export interface StateOptions {
  readonly sessionKey?: Buffer
  readonly tell?: (sentence: string) => void
}

export function openTestState(
  settings: StateSettings,
  { sessionKey = SESSION_KEY, tell = () => undefined }: StateOptions = {},
): Promise<SharedState> {
  return createRedisState({ settings, sessionKey, local: createStateInMemory(), tell })
}
