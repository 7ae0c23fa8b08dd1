// Verdicts, kept. A hit costs one digest and one look-up and gives the same Result object again. Keeps no token:
// only digests, good and bad ones apart, so that garbage cannot push out who is known (J69, I23).
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Credential, Principal } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import type { Clock } from './clock.ts'
import type { Prove, Verdict } from './verdict.ts'

export interface VerdictCache {
  /** Synchronous when the verdict is known. `now` is epoch milliseconds. */
  verify(credential: Credential, now: number): Result<Principal> | Promise<Result<Principal>>
  forget(credential: Credential): void
}

/** Each route of each reading of the configuration has a cache of its own (I18, J67). */
export interface CacheOptions {
  readonly maxEntries: number
  readonly clock: Clock
  readonly prove: Prove
  /** What a verdict is about: the token, or more of the request. */
  readonly aboutOf: (credential: Credential) => string
}

interface Entry {
  readonly verdict: Verdict
  /** On the monotonic clock, so that a clock set back keeps nothing alive (J32). */
  readonly keptUntil: number
}

export function createVerdictCache(options: CacheOptions): VerdictCache {
  const { maxEntries: max, clock, prove, aboutOf } = options
  const good = new LRUCache<string, Entry>({ max })
  const bad = new LRUCache<string, Entry>({ max })
  const flights = new Map<string, Promise<Result<Principal>>>()
  /** SHA-512 costs half of SHA-256 on a processor without instructions for either. */
  const digest = (credential: Credential) => hash('sha512', aboutOf(credential), 'base64')

  const lives = ({ verdict, keptUntil }: Entry, now: number) =>
    now < verdict.endsAt && clock.monotonic() < keptUntil && verdict.stands() // J33, I17, I24

  /** I19: a flight belongs to no caller, so nobody who leaves takes it along. */
  const fly = async (key: string, credential: Credential, now: number) => {
    const startedAt = clock.monotonic()
    try {
      const verdict = await prove(credential, now)
      const kept = verdict.result.ok ? good : bad
      if (verdict.keepMs > 0) kept.set(key, { verdict, keptUntil: startedAt + verdict.keepMs })
      return verdict.result
    } finally {
      flights.delete(key)
    }
  }

  return {
    verify(credential, now) {
      const key = digest(credential)
      const entry = good.get(key) ?? bad.get(key)
      if (entry !== undefined && lives(entry, now)) return entry.verdict.result
      good.delete(key)
      const underWay = flights.get(key)
      if (underWay !== undefined) return underWay // I20
      const flight = fly(key, credential, now)
      flights.set(key, flight)
      return flight
    },
    forget(credential) {
      good.delete(digest(credential))
    },
  }
}
