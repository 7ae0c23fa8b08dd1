// Tasks that several gateways know. Each gateway also keeps the tasks that were begun through it, so it finds these at
// once, and while the store is away.
import { setTimeout as delay } from 'node:timers/promises'
import type { Target } from '../core/call.ts'
import { type TaskMemory, UNAVAILABLE } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

/** How long a task is remembered; nobody asks about an older one. */
const TASK_MS = 24 * 3_600_000
/**
 * The pause before a task is looked up a second time: a client may ask this gateway before another one has written the
 * task to the store.
 */
const WRITTEN_MS = 50

export function createRemoteTasks(
  { commands, privacy }: RemoteParts,
  table: string,
  most: number,
  own: TaskMemory,
): TaskMemory {
  const keyOf = (owner: string, taskId: string) => privacy.digest(JSON.stringify([owner, taskId]))
  const placeOf = (key: string) => `${table} ${key}`
  const ask = async (caller: string, key: string) => {
    const found = await commands.find(table, privacy.name(caller), key)
    if (found === undefined || found === UNAVAILABLE) return found
    const text = privacy.open(found, placeOf(key))
    return text === undefined ? undefined : (JSON.parse(text) as readonly Target[])
  }
  const askTwice = async (caller: string, key: string) => {
    const found = await ask(caller, key)
    if (found !== undefined) return found
    await delay(WRITTEN_MS)
    return ask(caller, key)
  }
  return {
    remember(owner, caller, taskId, targets) {
      own.remember(owner, caller, taskId, targets)
      const key = keyOf(owner, taskId)
      const text = JSON.stringify(targets.map(({ kind, name }) => ({ kind, name })))
      const sealed = privacy.seal(text, placeOf(key))
      void commands.keep(table, privacy.name(caller), key, sealed, { forMs: TASK_MS, most })
    },
    find(owner, taskId, caller) {
      return own.find(owner, taskId, caller) ?? askTwice(caller, keyOf(owner, taskId))
    },
  }
}
