// Moments as audit lines have them. Under load many lines fall into one millisecond, whose text is made once.

/** Each call gives the present moment in ISO 8601, to the millisecond. */
export function createTimestamps(): () => string {
  let lastMs = Number.NaN
  let lastText = ''
  return () => {
    const now = Date.now()
    if (now !== lastMs) {
      lastMs = now
      lastText = new Date(now).toISOString()
    }
    return lastText
  }
}
