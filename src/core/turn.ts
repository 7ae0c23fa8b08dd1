// Work that came in one turn of the event loop is done when the turn has read everything. Each step is done for all
// pieces before the next step begins, since promises continue in order. One request runs through more code than the
// nearest cache of a processor holds; done alone, each step would be fetched again for each request. Nothing waits for
// more to come: a request that is alone goes on at once.

/** D10: no more wait than this, since no limit has counted them yet. */
const MAX_BATCH_PER_TURN = 64

/** Hands each item to `work` at the end of its turn, in order. `work` may not throw, or the items after are lost. */
export function batchPerTurn<T>(work: (item: T) => void): (item: T) => void {
  let items: T[] = []
  const workOff = () => {
    const now = items
    items = []
    for (const item of now) work(item)
  }
  return (item) => {
    const count = items.push(item)
    if (count === MAX_BATCH_PER_TURN) workOff()
    else if (count === 1) setImmediate(workOff)
  }
}
