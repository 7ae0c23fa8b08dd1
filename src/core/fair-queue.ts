// A queue that is fair to keys. Each key has a line of its own in the order of arrival, and the lines take turns, so a
// key with one item is served as soon as a key with a thousand. Pure. Joining, leaving and serving take the same few
// steps however many wait.
import { Link } from './ring.ts'
import type { Bounds } from './shares.ts'

/** A waiting item. Leaving twice, or after it was served, does nothing. */
export interface QueuePlace {
  leave(): void
}

export interface FairQueue<T extends object> {
  /** Waits; undefined when there is no room for the key, or for anybody. */
  join(key: string, item: T): QueuePlace | undefined
  /**
   * The next one, from the line whose turn it is. A line whose key may not be served now is passed over and keeps its
   * turn; passing over one line is one step.
   */
  next(mayBeServed?: (key: string) => boolean): T | undefined
  /** All that wait, in the order of turns; nobody waits after it. */
  drain(): T[]
  readonly length: number
}

class Waiting<T> extends Link {
  /** Undefined once it was served, or has left. */
  item: T | undefined
}

class CallerLine<T> extends Link {
  readonly head = new Waiting<T>()
  length = 0
  readonly key: string

  constructor(key: string) {
    super()
    this.key = key
  }
}

export function createFairQueue<T extends object>({ size, share }: Bounds): FairQueue<T> {
  const lines = new Map<string, CallerLine<T>>()
  const turns = new CallerLine<T>('')
  let length = 0

  const takeOut = (line: CallerLine<T>, waiting: Waiting<T>): void => {
    waiting.remove()
    line.length -= 1
    length -= 1
    if (line.length > 0) return
    line.remove()
    lines.delete(line.key)
  }
  const lineOf = (key: string): CallerLine<T> => {
    const known = lines.get(key)
    if (known !== undefined) return known
    const line = new CallerLine<T>(key)
    line.insert(turns)
    lines.set(key, line)
    return line
  }
  const serve = (line: CallerLine<T>): T => {
    const waiting = line.head.after
    const { item } = waiting
    line.remove()
    line.insert(turns) // the others first
    waiting.item = undefined
    takeOut(line, waiting)
    return item as T
  }
  const next = (mayBeServed?: (key: string) => boolean): T | undefined => {
    for (let line = turns.after; line !== turns; line = line.after) {
      if (mayBeServed === undefined || mayBeServed(line.key)) return serve(line)
    }
    return undefined
  }
  return {
    join(key, item) {
      if (length >= size || (lines.get(key)?.length ?? 0) >= share) return undefined
      const line = lineOf(key)
      const waiting = new Waiting<T>()
      waiting.item = item
      waiting.insert(line.head)
      line.length += 1
      length += 1
      return {
        leave() {
          if (waiting.item === undefined) return
          waiting.item = undefined
          takeOut(line, waiting)
        },
      }
    },
    next,
    drain() {
      const all: T[] = []
      while (length > 0) all.push(next() as T)
      return all
    },
    get length() {
      return length
    },
  }
}
