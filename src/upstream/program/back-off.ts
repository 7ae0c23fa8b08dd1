// How long a caller waits for a program again that did not come up: twice as long each time. Kept for each caller, so that a
// program that fails for one is still started for others.

const FIRST_MS = 250
const MAX_BACK_OFF_MS = 30_000
/** Callers that are remembered; the one that failed longest ago is forgotten first. */
const MAX_REMEMBERED = 1_000

export class BackOff {
  readonly #failures = new Map<string, { readonly count: number; readonly until: number }>()
  readonly #now: () => number

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Milliseconds to wait; 0: none. */
  waitOf(caller: string): number {
    const failed = this.#failures.get(caller)
    return failed === undefined ? 0 : Math.max(0, failed.until - this.#now())
  }

  failed(caller: string): void {
    const count = (this.#failures.get(caller)?.count ?? 0) + 1
    const wait = Math.min(FIRST_MS * 2 ** (count - 1), MAX_BACK_OFF_MS)
    this.#failures.delete(caller)
    this.#failures.set(caller, { count, until: this.#now() + wait })
    if (this.#failures.size <= MAX_REMEMBERED) return
    const [oldest] = this.#failures.keys()
    if (oldest !== undefined) this.#failures.delete(oldest)
  }

  succeeded(caller: string): void {
    this.#failures.delete(caller)
  }
}
