// The two clocks that token checks need. Injected, so that tests move time instead of waiting for it.

export interface Clock {
  /** Wall clock, epoch milliseconds: what `exp` is compared with. May be set back. */
  now(): number
  /** Milliseconds since some start; never goes back: what ages and cooldowns are measured with. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
