// Orders work that keeps the event loop long: reading a large body, filtering a large list. Callers take turns, one
// piece at a time, and after each piece the loop is left to everybody else for longer than the piece took. So a caller
// who sends large bodies all day makes a small call wait for one of them, never for several. Small pieces need no turn.
import { createFairQueue } from '../core/fair-queue.ts'

/** Reading fewer bytes than this takes less than a millisecond. */
const LARGE_BYTES = 32_768
/** The pause after a piece, as a multiple of what the piece took: large work gets a quarter of the loop. */
const REST_TIMES = 3
/** The longest pause, since the time in which a machine stood still counts as work too. */
const MAX_REST_MS = 200

export interface LargeWork {
  /**
   * Returns a promise for the turn; undefined for small work, which may be done at once.
   * @param key the caller
   */
  turn(key: string, bytes: number): Promise<void> | undefined
}

/** The queue is unbounded, since everything in it has a place among the calls under way, whose number is bounded. */
export function createLargeWork(): LargeWork {
  const waiting = createFairQueue<{ readonly start: () => void }>({
    size: Number.POSITIVE_INFINITY,
    share: Number.POSITIVE_INFINITY,
  })
  let isBusy = false

  const next = () => {
    const item = waiting.next()
    isBusy = item !== undefined
    if (item === undefined) return
    let startedMs = 0
    setImmediate(() => {
      startedMs = performance.now()
      item.start()
    })
    // The work that the promise starts is done between these two, as Node runs microtasks after each immediate.
    setImmediate(() => setTimeout(next, restAfter(performance.now() - startedMs)))
  }
  return {
    turn(key, bytes) {
      if (bytes < LARGE_BYTES) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.join(key, { start: resolve })
      if (!isBusy) next()
      return promise
    },
  }
}

function restAfter(workMs: number): number {
  return Math.min(workMs * REST_TIMES, MAX_REST_MS)
}
