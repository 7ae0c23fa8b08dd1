// Finds callers who are told again and again which scopes an operation needs, and come back without them. A client that
// keeps signing in for a scope that it is never granted would go on for ever (SCP-09).
import { hash } from 'node:crypto'
import type { Rate } from '../core/rate.ts'
import type { ChallengeLoops } from '../core/shared-state.ts'
import { createSharedTable, type TableBounds } from '../core/shared-table.ts'

/** Clients try three times at most (conformance auth/scope-retry-limit); a person may begin once more. */
export const MAX_CHALLENGES = 5
const WINDOW_MS = 60_000
export const CHALLENGE_RATE: Rate = { count: MAX_CHALLENGES, seconds: WINDOW_MS / 1_000 }

/** Challenge counts in memory, which answer without a promise. */
export interface ChallengeLoopsInMemory extends ChallengeLoops {
  isFutile(caller: string, challenge: readonly string[], now: number): boolean
}

export function createChallengeLoops(bounds: TableBounds): ChallengeLoopsInMemory {
  const counts = createSharedTable<{ readonly since: number; count: number }>(bounds)
  return {
    isFutile(caller, challenge, now) {
      const key = hash('sha256', JSON.stringify([caller, ...challenge]), 'base64')
      const known = counts.get(key)
      if (known === undefined || now - known.since >= WINDOW_MS) {
        counts.set(key, caller, { since: now, count: 1 })
        return false
      }
      known.count += 1
      return known.count > MAX_CHALLENGES
    },
  }
}
