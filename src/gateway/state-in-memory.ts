// The state of a gateway that shares nothing with others: tables in memory, each of which answers at once. A gateway
// also counts in it while the shared store is away.
import type { Feed, SharedRecords, SharedState } from '../core/shared-state.ts'
import { createTableBudget } from '../core/table-budget.ts'
import { createMemo } from '../lib/memo.ts'
import { createTurns } from '../lib/turns.ts'
import { createChallengeLoops } from '../limits/challenge-loop.ts'
import { createRateLimit } from '../limits/rates.ts'
import { createReportDedup } from '../manifest/pin.ts'
import { createTaskMemory } from '../mcp/tasks.ts'
import { systemClock } from '../token/clock.ts'
import { createUsedProofs } from '../token/used-proofs.ts'
import { createRecordsInMemory } from './records-in-memory.ts'
import { createTextMemory } from './text-memory.ts'

/** How many entries all routes may keep together. Each route also has bounds of its own. */
const MAX_ALL_WINDOWS = 200_000
const MAX_ALL_PROOFS = 400_000
const MAX_ALL_TASKS = 50_000
const MAX_ALL_CHALLENGED = 50_000

export function createStateInMemory(): SharedState {
  const windows = { budget: createTableBudget(MAX_ALL_WINDOWS) }
  const proofs = createTableBudget(MAX_ALL_PROOFS)
  const tasks = createTableBudget(MAX_ALL_TASKS)
  const challenged = createTableBudget(MAX_ALL_CHALLENGED)
  const records = createMemo<SharedRecords>()
  return {
    rateLimit: (_use, rate, own) => own ?? createRateLimit(rate, undefined, windows),
    attempts: (_use, rate) => createRateLimit(rate, undefined, windows),
    usedProofs: (_use, forMs, bounds) => createUsedProofs(systemClock, forMs, { ...bounds, budget: proofs }),
    tasks: (_use, bounds) => createTaskMemory({ ...bounds, budget: tasks }),
    texts: (_use, forMs, bounds) => createTextMemory(forMs, bounds),
    records: (use, bounds) => records(use, () => createRecordsInMemory(bounds)),
    challengeLoops: (_use, _rate, bounds) => createChallengeLoops({ ...bounds, budget: challenged }),
    reportDedup: createReportDedup,
    locks: { inTurn: createTurns() },
    feed: SILENT,
    close: async () => undefined,
  }
}

/** A feed without any other gateway. */
const SILENT: Feed = { publish: () => undefined, listen: () => () => undefined }
