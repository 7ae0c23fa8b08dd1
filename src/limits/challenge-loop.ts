// Callers who are told again and again which scopes an operation needs, and come back without them. A client that
// keeps signing in for what it is never granted would go round for ever (SCP-09).
import { hash } from 'node:crypto'
import { createSharedTable } from '../core/shared-table.ts'
import type { Bounds } from '../core/shares.ts'

/** Clients try three times at most (conformance auth/scope-retry-limit); a person may start one more round. */
export const MAX_CHALLENGES = 5
const WINDOW_MS = 60_000

export interface ChallengeLoops {
  /**
   * Counts one challenge; true when there were too many like it and this one should not be sent.
   * @param challenge client, operation and scopes
   * @param now epoch milliseconds
   */
  isFutile(caller: string, challenge: readonly string[], now: number): boolean
}

export function createChallengeLoops(bounds: Bounds): ChallengeLoops {
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
