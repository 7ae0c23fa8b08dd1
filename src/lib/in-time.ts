// Waits for work only so long. The work goes on, and whoever began it says what becomes of its failure after that.

/** What the work gives; undefined when that is not there within `ms` milliseconds. Rejects as the work does. */
export async function inTime<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, ms, undefined)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
