// The state of a gateway that keeps counts, proofs and tasks in a store outside of this process. Only this file decides
// what becomes of each use while the store is away (core/shared-state.ts has the table).
import { type SharedState, UNAVAILABLE } from '../core/shared-state.ts'
import { andThen } from '../core/turn.ts'
import { createRemoteFeed } from './remote-feed.ts'
import { createRemoteLocks } from './remote-locks.ts'
import type { RemoteParts } from './remote-parts.ts'
import { createRemoteProofs } from './remote-proofs.ts'
import { createRemoteRate } from './remote-rate.ts'
import { createRemoteRecords } from './remote-records.ts'
import { createRemoteTasks } from './remote-tasks.ts'
import { createRemoteTexts } from './remote-texts.ts'

/** How long a reported change is remembered. Afterwards it would be reported once more. */
const TOLD_MS = 7 * 24 * 3_600_000
const MAX_TOLD = 10_000

export function createRemoteState(parts: RemoteParts): SharedState {
  const { commands, local, privacy } = parts
  return {
    rateLimit: (use, rate, own) =>
      createRemoteRate(parts, `rate ${use}`, rate, local.rateLimit(use, rate, own)),
    attempts: (use, rate) => createRemoteRate(parts, `attempts ${use}`, rate, local.attempts(use, rate)),
    usedProofs: (use, forMs, { share }) => createRemoteProofs(parts, `proofs ${use}`, { forMs, most: share }),
    tasks: (use, bounds) => createRemoteTasks(parts, `tasks ${use}`, bounds.share, local.tasks(use, bounds)),
    texts(use, forMs, bounds) {
      const keeping = { forMs, most: bounds.share }
      return createRemoteTexts(parts, `texts ${use}`, keeping, local.texts(use, forMs, bounds))
    },
    records: (use, bounds) => createRemoteRecords(parts, use, bounds),
    challengeLoops(use, rate, bounds) {
      const own = local.challengeLoops(use, rate, bounds)
      return {
        async isFutile(caller, challenge, now) {
          const key = privacy.digest(JSON.stringify([caller, ...challenge]))
          const wait = await commands.take(`challenges ${use}`, key, rate, 1)
          return wait === UNAVAILABLE ? own.isFutile(caller, challenge, now) : wait !== undefined
        },
      }
    },
    reportDedup(use) {
      const own = local.reportDedup(use)
      const isFirst = async (what: string) => {
        const keeping = { forMs: TOLD_MS, most: MAX_TOLD }
        const used = await commands.use(`told ${use}`, use, privacy.digest(what), keeping)
        return used === UNAVAILABLE || used.outcome !== 'again'
      }
      return { isFirst: (what) => andThen(own.isFirst(what), (isFirstHere) => isFirstHere && isFirst(what)) }
    },
    locks: createRemoteLocks(parts),
    feed: createRemoteFeed(parts),
    async close() {
      await commands.close()
      await local.close()
    },
  }
}
