// When a worker that died is replaced: at once, unless its kind dies soon after every start; then each try waits longer.
// Knows no process and no clock.

/** A worker that died sooner than this after its start says that the next may too. */
const SOON_MS = 10_000
/** Before the second try in a row; twice as long before each further one. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** Deaths in a row, each soon after a start, that make a loop. */
const MAX_SOON = 3

export interface Restarts {
  /** Of a worker that had lived so long; milliseconds until the next is started. */
  died(livedMs: number): number
  readonly deaths: number
  readonly isLoop: boolean
  /** Something changed, so that the next one may live. */
  forgive(): void
}

export function createRestarts(): Restarts {
  let deaths = 0
  let soon = 0
  return {
    died(livedMs) {
      deaths += 1
      soon = livedMs < SOON_MS ? soon + 1 : 0
      return soon < 2 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (soon - 2))
    },
    get deaths() {
      return deaths
    },
    get isLoop() {
      return soon >= MAX_SOON
    },
    forgive() {
      soon = 0
    },
  }
}
