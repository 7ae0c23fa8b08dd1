// Bounds how much is read from upstreams in one turn of the event loop. Node reads up to two megabytes of each socket
// at once, so sixty large answers of one caller would be a hundred megabytes, with everybody else's small answers
// behind them. Beyond the bound, connections wait for the next turn, and callers take turns. It knows no sockets.
import { createFairQueue } from '../core/fair-queue.ts'

const TURN_BYTES = 262_144
/** Pieces that are smaller belong to ordinary answers and are not counted. */
const COUNTED_BYTES = 16_384
/** How many waiting connections may read in one turn. */
const READERS_IN_A_TURN = 4

export interface ReadingTurns {
  /**
   * Counts bytes that were read. Returns false when the connection has to stop reading until `readOn` is called, in
   * another turn.
   */
  mayReadOn(caller: string, bytes: number, readOn: () => void): boolean
}

/** The queue is unbounded, since everything in it holds a connection, and connections are bounded. */
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
