// One deadline. It is moved with every request, so moving it later costs one look at the clock and no new timer: a
// timer that fires too early is set again for the rest of the time.

export interface Deadline {
  /** Sets the deadline, in milliseconds from now. */
  set(ms: number): void
  /** Clears the deadline. */
  clear(): void
}

/** `onPassed` is called once for each `set` that was not replaced or cleared in time. */
export function createDeadline(onPassed: () => void): Deadline {
  let dueAt = Number.POSITIVE_INFINITY
  let firesAt = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  const arm = (at: number, ms: number) => {
    clearTimeout(timer)
    firesAt = at
    timer = setTimeout(look, ms).unref()
  }
  const look = () => {
    firesAt = Number.POSITIVE_INFINITY
    if (dueAt === Number.POSITIVE_INFINITY) return
    const left = dueAt - performance.now()
    if (left > 0) return arm(dueAt, Math.ceil(left))
    dueAt = Number.POSITIVE_INFINITY
    onPassed()
  }
  return {
    set(ms) {
      dueAt = performance.now() + ms
      if (dueAt < firesAt) arm(dueAt, ms)
    },
    clear() {
      dueAt = Number.POSITIVE_INFINITY
    },
  }
}
