// Guards the questions about tokens to one source: bounds their number, shares them out among callers, and suspends
// them while the source does not answer. It does not know what is asked or what an answer means.
import { createFairQueue } from '../core/fair-queue.ts'
import type { Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import { createShares, shareOf } from '../core/shares.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import type { Clock } from './clock.ts'
import type { LoadResult } from './refreshing-value.ts'
import { unreachable } from './reject.ts'

/** An answer; or why there is none, and when to ask again if the source said so. */
export type QueryAnswer<T> = LoadResult<T> & { readonly retryAfterSeconds?: number | undefined }

export interface QueryGuard {
  /**
   * Returns `issuer_unreachable` when there is no answer, which says nothing about the token.
   * @param quotaKey the caller: each has a share of the places, and those who wait take turns
   */
  put<T>(quotaKey: string, ask: () => Promise<QueryAnswer<T>>): Promise<Result<T>>
  /** False while the source is not asked, because it keeps failing or asked for a pause. */
  isUsable(): boolean
  ageMs(): number | undefined
  lastError(): string | undefined
}

/** Stands in `failing` for a source that said when to ask again. */
const THE_SOURCE = 'the source'
/** I21: garbage tokens must not become a flood at the issuer. */
const MAX_QUERIES = 64
const MAX_WAITING = 512
/** How long a question waits for a place: as long as a whole question may take, in milliseconds. */
const PATIENCE_MS = 3_000

/**
 * @param issuer its name in the file
 * @param share the part of the places, and of the room to wait, for each quota key
 */
export function createQueryGuard(issuer: string, clock: Clock, share = 0.25): QueryGuard {
  const breaker = createCircuitBreaker(clock)
  const places = createShares({ size: MAX_QUERIES, share: shareOf(MAX_QUERIES, share) })
  const queue = createFairQueue<Waiting>({ size: MAX_WAITING, share: shareOf(MAX_WAITING, share) })
  /** The callers whose questions have failed since the last success. When there are two, the source is at fault. */
  const failing = new Set<string>()
  let lastError: string | undefined

  const settle = <T>(answer: QueryAnswer<T>, quotaKey: string): Result<T> => {
    if (answer.ok) {
      breaker.succeeded()
      failing.clear()
      lastError = undefined
      return ok(answer.value)
    }
    breaker.failed(answer.retryAfterSeconds)
    if (failing.size < 2) failing.add(quotaKey)
    if (answer.retryAfterSeconds !== undefined) failing.add(THE_SOURCE)
    lastError = answer.why
    return unreachable(issuer, answer.why, answer.retryAfterSeconds)
  }

  /** Failures of one caller alone suspend only that caller, since its tokens may be the cause. */
  const isBlamed = (quotaKey: string) => failing.size > 1 || failing.has(quotaKey)
  const suspended = (waitSeconds: number) =>
    unreachable(issuer, lastError ?? 'it asked us to wait', waitSeconds)
  /** Takes a place for a question; false when none became free in time. */
  const enter = (quotaKey: string): MaybeAsync<boolean> => {
    if (places.take(quotaKey) === undefined) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const settle = (served: boolean) => {
      clearTimeout(timer)
      place?.leave()
      resolve(served)
    }
    const timer = setTimeout(() => settle(false), PATIENCE_MS)
    const place = queue.join(quotaKey, { settle })
    if (place === undefined) settle(false)
    return promise
  }
  const leave = (quotaKey: string) => {
    places.give(quotaKey)
    const next = queue.next((waiting) => places.take(waiting) === undefined)
    next?.settle(true)
  }

  return {
    async put(quotaKey, ask) {
      if (isBlamed(quotaKey) && breaker.isOpen()) return suspended(breaker.waitSeconds())
      if (!(await enter(quotaKey))) return unreachable(issuer, 'too many questions at once', 1)
      try {
        const waitSeconds = isBlamed(quotaKey) ? breaker.waitSeconds() : 0 // the source may have failed while this question waited
        return waitSeconds > 0 ? suspended(waitSeconds) : settle(await ask(), quotaKey)
      } finally {
        leave(quotaKey)
      }
    },
    isUsable: () => !breaker.isOpen(),
    ageMs: breaker.ageMs,
    lastError: () => lastError,
  }
}

interface Waiting {
  settle(served: boolean): void
}
