// Work that came in one turn of the event loop, done together at its end as in turn.ts. When more came than one
// turn should take, the rest waits for the next turns, and its senders take turns. So hundreds of requests in one write
// make others wait for one turn, not for all of them.
import { createFairQueue } from './fair-queue.ts'

/** How many are done in one turn. */
const MAX_IN_A_TURN = 32
/**
 * D10: no limit has counted yet what waits here, so its number is bounded. An item that finds no room is done at once.
 */
const ROOM = { size: 2_048, share: 1_024 }

/** Hands each item to `work`, which may not throw; `keyOf` says whose it is. Items of one key keep their order. */
export function inFairTurns<T extends object>(
  keyOf: (item: T) => string,
  work: (item: T) => void,
): (item: T) => void {
  const waiting = createFairQueue<T>(ROOM)
  let items: T[] = []
  let isPlanned = false

  const workOff = () => {
    isPlanned = false
    const now = items
    items = []
    for (const item of now) work(item)
    for (let done = now.length; done < MAX_IN_A_TURN && waiting.length > 0; done += 1)
      work(waiting.next() as T)
    if (waiting.length > 0 || items.length > 0) plan()
  }
  const plan = () => {
    if (!isPlanned) setImmediate(workOff)
    isPlanned = true
  }
  return (item) => {
    if (waiting.length === 0 && items.length < MAX_IN_A_TURN) items.push(item)
    else if (waiting.join(keyOf(item), item) === undefined) return work(item)
    plan()
  }
}
