// Counts the requests that use a generation, and tells when the last one has ended.

export interface GenerationUse {
  /** Counts a request in; the result counts it out. */
  enter(): () => void
  /** Whether a request still uses the generation. */
  isBusy(): boolean
  /** Resolves when no request uses it. */
  idle(): Promise<void>
  /** Closes it once no request uses it. */
  retire(): void
}

export function createGenerationUse(close: () => void): GenerationUse {
  let requests = 0
  let retired = false
  let onIdle = () => {}
  return {
    enter() {
      requests += 1
      return () => {
        requests -= 1
        if (requests > 0) return
        if (retired) close()
        onIdle()
      }
    },
    isBusy: () => requests > 0,
    idle: () =>
      new Promise((resolve) => {
        onIdle = resolve
        if (requests === 0) resolve()
      }),
    retire() {
      retired = true
      if (requests === 0) close()
    },
  }
}
