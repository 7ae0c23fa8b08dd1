// Bounds how much is read from upstreams in one turn of the event loop. Node reads up to two megabytes of each socket
// at once, so sixty large answers of one caller would be a hundred megabytes, and everybody else's small answer behind
// them. Beyond the bound connections wait for the next turn, and callers take turns. Knows no sockets.
import { createFairQueue } from '../core/fair-queue.ts'

const TURN_BYTES = 262_144
/** Smaller pieces are ordinary answers and are not counted. */
const COUNTED_BYTES = 16_384
/** No more than these go on in one turn. */
const READERS_IN_A_TURN = 4

export interface ReadingTurns {
  /** Counts what was read; false when the connection has to stop reading until `readOn` is called, in another turn. */
  mayReadOn(caller: string, bytes: number, readOn: () => void): boolean
}

/** Everything that waits here holds a connection, and connections are bounded. */
export function createReadingTurns(): ReadingTurns {
  const waiting = createFairQueue<{ readonly readOn: () => void }>({
    size: Number.POSITIVE_INFINITY,
    share: Number.POSITIVE_INFINITY,
  })
  let left = TURN_BYTES
  let isPlanned = false

  const turn = () => {
    isPlanned = false
    left = TURN_BYTES
    for (let count = 0; count < READERS_IN_A_TURN; count += 1) waiting.next()?.readOn()
    if (waiting.length > 0) plan()
  }
  const plan = () => {
    if (!isPlanned) setImmediate(turn)
    isPlanned = true
  }
  return {
    mayReadOn(caller, bytes, readOn) {
      if (bytes < COUNTED_BYTES) return true
      plan()
      left -= bytes
      if (left > 0) return true
      waiting.join(caller, { readOn })
      return false
    },
  }
}
