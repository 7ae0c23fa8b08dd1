// Says when a worker that died is replaced: at once, unless workers keep dying soon after their start; then each try
// waits longer. It knows no process and no clock.

/** A worker that dies sooner than this after its start makes it likely that the next one dies too. */
const SOON_MS = 10_000
/** The wait before the second try in a row; it doubles with each further try. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** How many deaths in a row, each soon after a start, count as a loop. */
const MAX_SOON = 3

export interface Restarts {
  /** Called when a worker has died that lived for `livedMs`. Returns the milliseconds until the next one is started. */
  died(livedMs: number): number
  readonly deaths: number
  readonly isLoop: boolean
  /** Called when something has changed that may let the next worker live. */
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
