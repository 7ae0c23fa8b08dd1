// Locks that several gateways respect: first in this process, then in the store. Waiting is bounded. While the store is
// away nobody waits for another process: the work under a lock must be right without it, only more expensive.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Locks, UNAVAILABLE } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

/** How long a lock lasts when its holder has died. */
const LOCK_MS = 10_000
/** The time between two looks. */
const LOCK_LOOK_MS = 25
const MAX_LOCK_WAIT_MS = 5_000

export function createRemoteLocks({ commands, local, privacy }: RemoteParts): Locks {
  const take = async (name: string, holder: string) => {
    const until = performance.now() + MAX_LOCK_WAIT_MS
    do {
      const isOurs = await commands.lock(name, holder, LOCK_MS)
      if (isOurs === UNAVAILABLE || isOurs) return
      await delay(LOCK_LOOK_MS)
    } while (performance.now() < until)
  }
  return {
    inTurn: (name, work) =>
      local.locks.inTurn(name, async () => {
        const [key, holder] = [privacy.digest(name), randomUUID()]
        await take(key, holder)
        try {
          return await work()
        } finally {
          commands.unlock(key, holder)
        }
      }),
  }
}
