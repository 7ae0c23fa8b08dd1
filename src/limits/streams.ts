// How many streams a caller holds open at one time (STR-08). An entry exists only while a stream is open, so
// the table is as large as the number of open streams.

export interface StreamLimit {
  /** Takes a place; undefined when there is none. Call the result once, when the stream ends. */
  enter(key: string): (() => void) | undefined
}

export function createStreamLimit(perKey: number): StreamLimit {
  const open = new Map<string, number>()
  return {
    enter(key) {
      const count = open.get(key) ?? 0
      if (count >= perKey) return undefined
      open.set(key, count + 1)
      return () => {
        const left = (open.get(key) ?? 1) - 1
        if (left > 0) open.set(key, left)
        else open.delete(key)
      }
    },
  }
}
