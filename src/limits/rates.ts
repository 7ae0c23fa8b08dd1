// Rate limits: a number of events in a window of time that begins with the first event. The table of windows is
// bounded. When it is full, the oldest window of a key that is below its rate is dropped. When every key in it is over
// its rate, new keys are counted together, so that no number of strangers frees such a key.
import type { Rate } from '../core/rate.ts'
import { Link } from '../core/ring.ts'
import type { RateLimit } from '../core/shared-state.ts'
import type { TableBudget } from '../core/table-budget.ts'

const MAX_KEYS = 10_000

/** A rate limit in memory, which answers without a promise. */
export interface RateLimitInMemory extends RateLimit {
  take(key: string, count?: number): number | undefined
  peek(key: string, count?: number): number | undefined
}

export interface WindowBounds {
  readonly maxKeys?: number | undefined
  /** The budget of all rates together. */
  readonly budget?: TableBudget | undefined
}

/** @param monotonic returns milliseconds of a clock that is never set back */
export function createRateLimit(
  rate: Rate,
  monotonic: () => number = () => performance.now(),
  { maxKeys = MAX_KEYS, budget }: WindowBounds = {},
): RateLimitInMemory {
  const lengthMs = rate.seconds * 1_000
  const windows = new Map<string, Window>()
  /**
   * The windows with something left, and those with nothing. Each list is about in the order in which they end, since
   * all windows are equally long.
   */
  const open = new Window('', 0)
  const spent = new Window('', 0)
  let together: Window | undefined

  const forget = (window: Window) => {
    window.remove()
    windows.delete(window.key)
    places?.give()
  }
  const forgetEnded = (head: Window, now: number) => {
    while (head.after !== head && head.after.endsAt <= now) forget(head.after)
  }
  const dropOne = () => {
    const before = windows.size
    forgetEnded(spent, monotonic())
    if (windows.size === before && open.after !== open) forget(open.after)
    return windows.size < before
  }
  const places = budget?.join(dropOne)
  const makeRoom = (now: number) => {
    forgetEnded(open, now)
    forgetEnded(spent, now)
    if (windows.size >= maxKeys && open.after !== open) forget(open.after)
    return windows.size < maxKeys && places?.take() !== false
  }
  const begin = (key: string, now: number): Window => {
    if (!makeRoom(now)) {
      together = liveOne(together, now) ?? new Window('', now + lengthMs)
      return together
    }
    const window = new Window(key, now + lengthMs)
    windows.set(key, window)
    window.insert(open)
    return window
  }
  const windowOf = (key: string, now: number): Window => {
    const known = windows.get(key)
    if (known === undefined) return begin(key, now)
    if (known.endsAt > now) return known
    forget(known)
    return begin(key, now)
  }
  const waitFor = ({ taken, endsAt }: Window, count: number, now: number) =>
    taken + count <= rate.count ? undefined : Math.max(1, Math.ceil((endsAt - now) / 1_000))

  return {
    take(key, count = 1) {
      const now = monotonic()
      const window = windowOf(key, now)
      const wait = waitFor(window, count, now)
      if (wait !== undefined) return wait
      window.taken += count
      if (window.taken >= rate.count && window !== together) move(window, spent)
      return undefined
    },
    peek(key, count = 1) {
      const now = monotonic()
      return waitFor(windowOf(key, now), count, now)
    },
    giveBack(key, count = 1) {
      const window = windows.get(key) ?? together
      const given = Math.min(count, window?.taken ?? 0)
      if (window === undefined || given === 0) return
      if (window.taken === rate.count && window !== together) move(window, open)
      window.taken -= given
    },
  }
}

function move(window: Window, head: Window): void {
  window.remove()
  window.insert(head)
}

function liveOne(window: Window | undefined, now: number): Window | undefined {
  return window !== undefined && window.endsAt > now ? window : undefined
}

class Window extends Link {
  readonly key: string
  readonly endsAt: number
  taken = 0

  constructor(key: string, endsAt: number) {
    super()
    this.key = key
    this.endsAt = endsAt
  }
}
