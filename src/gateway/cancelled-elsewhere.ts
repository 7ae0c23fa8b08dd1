// Calls that their client cancelled at another gateway or worker than the one where they run: one process tells all others
// of a cancellation, and each looks among its own calls. How much one caller can say to all of them is bounded.
import type { Feed } from '../core/shared-state.ts'
import { CancellableCalls } from '../exchange/under-way.ts'
import { createRateLimit } from '../limits/rates.ts'

/** How many cancellations are told to the others in a second: of one caller, and of all. The others go no further. */
const MAX_CANCELLED_OF_CALLER = 10
const MAX_CANCELLED = 200
/** A call with a longer id is not told of. */
const MAX_CANCELLED_ID_CHARS = 256

export function createCancellableCalls(feed: Feed, monotonic?: () => number): CancellableCalls {
  const byCaller = createRateLimit({ count: MAX_CANCELLED_OF_CALLER, seconds: 1 }, monotonic)
  const all = createRateLimit({ count: MAX_CANCELLED, seconds: 1 }, monotonic)
  const calls = new CancellableCalls((cancelled) => {
    if (cancelled.id.length > MAX_CANCELLED_ID_CHARS) return
    if (byCaller.take(cancelled.caller) !== undefined || all.take('') !== undefined) return
    feed.publish({ kind: 'call_cancelled', ...cancelled })
  })
  feed.listen({
    heard(event) {
      if (event.kind === 'call_cancelled') calls.end(event)
    },
    lost: () => undefined,
  })
  return calls
}
