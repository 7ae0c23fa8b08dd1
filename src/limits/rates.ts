// Rate limits over rate-limiter-flexible, in tables that cannot grow without bound: the least recently seen key
// is forgotten first.
import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Rate } from '../core/settings.ts'

const MAX_KEYS = 10_000

export interface RateLimit {
  /** Takes one; seconds to wait when there is none left, undefined when there was. */
  take(key: string): Promise<number | undefined>
  /** Seconds to wait when none is left, without taking one. */
  peek(key: string): Promise<number | undefined>
}

export function createRateLimit(rate: Rate): RateLimit {
  const limiter = new RateLimiterMemory({ points: rate.count, duration: rate.seconds })
  const keys = new LRUCache<string, true>({
    max: MAX_KEYS,
    dispose: (_value, key, reason) => {
      if (reason === 'evict') void limiter.delete(key)
    },
  })
  return {
    async take(key) {
      keys.set(key, true)
      try {
        await limiter.consume(key)
        return undefined
      } catch (refusal) {
        return secondsToWait(refusal)
      }
    },
    async peek(key) {
      const state = await limiter.get(key)
      return state !== null && state.remainingPoints <= 0 ? secondsToWait(state) : undefined
    },
  }
}

function secondsToWait(state: unknown): number {
  if (state instanceof RateLimiterRes) return Math.max(1, Math.ceil(state.msBeforeNext / 1_000))
  throw state
}
