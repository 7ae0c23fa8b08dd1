// Work that came in one turn of the event loop, done when the turn has read all there was to read: the same step for
// each piece, one after another, and then the next step for each, since promises go on in their order. One request
// runs through more code than the nearest cache of a processor holds; done alone, each step would be fetched again
// for each request. Nothing waits for more to come: a request that is alone goes on at once.

/** D10: no more wait than this, since what waits has not been counted by any limit yet. */
const MAX_TOGETHER = 64

/** Hands each item to `work` at the end of its turn, in order. `work` may not throw, or the items after are lost. */
export function together<T>(work: (item: T) => void): (item: T) => void {
  let items: T[] = []
  const workOff = () => {
    const now = items
    items = []
    for (const item of now) work(item)
  }
  return (item) => {
    const count = items.push(item)
    if (count === MAX_TOGETHER) workOff()
    else if (count === 1) setImmediate(workOff)
  }
}
