// Stops asking a source that does not answer. After a pause it lets one question through, to see whether the source
// answers again (I12).
import type { Clock } from './clock.ts'

export interface CircuitBreaker {
  /** Seconds to wait before asking; 0: ask now, and report with `succeeded` or `failed` how it went. */
  waitSeconds(): number
  /** Whether asking is suspended. */
  isOpen(): boolean
  succeeded(): void
  /** @param retryAfterSeconds the pause that the source asked for, where it did */
  failed(retryAfterSeconds?: number): void
  /** Milliseconds since the last success. */
  ageMs(): number | undefined
}

const FAILURES_TO_OPEN = 5
const OPEN_MS = 2_000
const MAX_OPEN_MS = 30_000

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0
  let openUntil = Number.NEGATIVE_INFINITY
  let probing = false
  let succeededAt: number | undefined
  return {
    waitSeconds() {
      const leftMs = openUntil - clock.monotonic()
      if (leftMs > 0) return Math.ceil(leftMs / 1000)
      if (openUntil === Number.NEGATIVE_INFINITY) return 0
      if (probing) return 1
      probing = true
      return 0
    },
    isOpen: () => openUntil > clock.monotonic(),
    succeeded() {
      failures = 0
      openUntil = Number.NEGATIVE_INFINITY
      probing = false
      succeededAt = clock.monotonic()
    },
    failed(retryAfterSeconds) {
      failures += 1
      probing = false
      const asked = retryAfterSeconds === undefined ? 0 : Math.min(retryAfterSeconds * 1000, MAX_OPEN_MS)
      const openMs = failures >= FAILURES_TO_OPEN ? Math.max(asked, OPEN_MS) : asked
      if (openMs > 0) openUntil = Math.max(openUntil, clock.monotonic() + openMs)
    },
    ageMs: () => (succeededAt === undefined ? undefined : clock.monotonic() - succeededAt),
  }
}
