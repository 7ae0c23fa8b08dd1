// A value that is fetched, kept, renewed in the background, and kept for a while when its source is down: metadata and
// JWKS both. It never loads twice at once, nor more often than its cooldown, whatever its callers do (J49, J52).
import type { Clock } from './clock.ts'

export type LoadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string }

export interface RefreshingValueOptions<T> {
  readonly load: () => Promise<LoadResult<T>>
  readonly clock: Clock
  /** When the value is older than this, a use starts a renewal that nobody waits for. */
  readonly renewAfterMs: number
  /** When the value is older than this, a use waits for the renewal, unless the source is known to be down. */
  readonly maxAgeMs: number
  /** When the value is older than this, it is not used any more. */
  readonly maxStaleMs: number
  /** The time between two loads, after a success and after a failure. */
  readonly cooldownMs: number
  readonly failureCooldownMs: number
  /** A value to begin with, and when it was loaded, on the monotonic clock. */
  readonly seed?: { readonly value: T; readonly at: number } | undefined
}

export interface RefreshingValue<T> {
  get(): Promise<LoadResult<T>>
  /** Returns what `get` would give without waiting; undefined when `get` would wait or fail. */
  peek(): T | undefined
  /** Loads again, or joins a load under way; false when the cooldown forbids it. */
  renew(): Promise<boolean>
  /** Milliseconds since the last success. */
  ageMs(): number | undefined
  /** Why the last load failed; undefined when it did not. */
  lastError(): string | undefined
}

export function createRefreshingValue<T>(options: RefreshingValueOptions<T>): RefreshingValue<T> {
  const { load, clock, renewAfterMs, maxAgeMs, maxStaleMs } = options
  let held = options.seed
  let failure: string | undefined
  let attemptedAt = Number.NEGATIVE_INFINITY
  let flight: Promise<boolean> | undefined

  const ageMs = () => (held === undefined ? undefined : clock.monotonic() - held.at)
  const attempt = async () => {
    const loaded = await load()
    failure = loaded.ok ? undefined : loaded.why
    if (loaded.ok) held = { value: loaded.value, at: clock.monotonic() }
    flight = undefined
    return true
  }
  const renew = async () => {
    if (flight !== undefined) return flight
    const cooldownMs = failure === undefined ? options.cooldownMs : options.failureCooldownMs
    const now = clock.monotonic()
    if (now - attemptedAt < cooldownMs) return false
    attemptedAt = now
    flight = attempt()
    return flight
  }
  const usable = (limitMs: number) => {
    const age = ageMs()
    return held !== undefined && age !== undefined && age <= limitMs
  }
  /** J52: while the source is down, the last good value is used, and nobody waits for another failure. */
  const serves = () => usable(failure === undefined ? maxAgeMs : maxStaleMs)

  return {
    ageMs,
    renew,
    lastError: () => failure,
    peek() {
      if (!serves()) return undefined
      if (!usable(renewAfterMs)) void renew()
      return held?.value
    },
    async get() {
      if (!serves()) await renew()
      else if (!usable(renewAfterMs)) void renew()
      if (held !== undefined && usable(maxStaleMs)) return { ok: true, value: held.value }
      return { ok: false, why: failure ?? 'not loaded yet' }
    },
  }
}
