// Callers who are told again and again which scopes an operation needs, and come back without them. A client that
// keeps signing in for what it is never granted would go round for ever (SCP-09, sister-systems 1.10).
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Clients try three times at most (conformance auth/scope-retry-limit); a person may start one more round. */
export const MAX_CHALLENGES = 5
const WINDOW_MS = 60_000
/** The least recently challenged is forgotten first. */
const MAX_KEYS = 10_000

export interface Insistence {
  /** Counts one challenge; true when there were too many like it and this one should not be sent. */
  isFutile(parts: readonly string[], now: number): boolean
}

/** `parts` name caller, operation and scopes; `now` is epoch milliseconds. */
export function createInsistence(): Insistence {
  const challenges = new LRUCache<string, { readonly since: number; count: number }>({ max: MAX_KEYS })
  return {
    isFutile(parts, now) {
      const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64')
      const known = challenges.get(key)
      if (known === undefined || now - known.since >= WINDOW_MS) {
        challenges.set(key, { since: now, count: 1 })
        return false
      }
      known.count += 1
      return known.count > MAX_CHALLENGES
    },
  }
}
