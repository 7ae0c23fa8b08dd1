// The state of a gateway that shares with nobody: tables in memory, each of which answers at once. It is also what a
// gateway counts in while the store that it shares is away.
import type { Feed, SharedState } from '../core/shared-state.ts'
import { createTurns } from '../lib/turns.ts'
import { createChallengeLoops } from '../limits/challenge-loop.ts'
import { createRateLimit } from '../limits/rates.ts'
import { createToldOnce } from '../manifest/pin.ts'
import { createTaskMemory } from '../mcp/tasks.ts'
import { systemClock } from '../token/clock.ts'
import { createUsedProofs } from '../token/used-proofs.ts'

export function createStateInMemory(): SharedState {
  return {
    rateLimit: (_use, rate) => createRateLimit(rate),
    attempts: (_use, rate) => createRateLimit(rate),
    usedProofs: (_use, forMs, bounds) => createUsedProofs(systemClock, forMs, bounds),
    tasks: (_use, bounds) => createTaskMemory(bounds),
    challengeLoops: (_use, _rate, bounds) => createChallengeLoops(bounds),
    told: createToldOnce,
    locks: { inTurn: createTurns() },
    feed: SILENT,
    close: async () => undefined,
  }
}

/** There is nobody else. */
const SILENT: Feed = { publish: () => undefined, listen: () => () => undefined }
