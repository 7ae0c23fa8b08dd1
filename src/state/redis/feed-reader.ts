// Reads the feed by its positions, so that nothing is missed without notice. A gap, a server that was restarted,
// flushed or replaced, and a store that is away are reported as `lost`; while the store is away, again and again.
import type { CommandListener } from '../../core/shared-state.ts'
import type { BoundedRedis } from './bounded.ts'
import { createScript } from './run-script.ts'
import { READ } from './scripts.ts'

export interface FeedReader {
  readonly listen: (listener: CommandListener) => void
  readonly close: () => void
}

export interface FeedKeys {
  readonly position: string
  readonly stream: string
}

/** The time between two looks. */
const FEED_LOOK_MS = 200
/** How late an event may be before it counts as missed. */
const FEED_SILENT_MS = 2_000
const MAX_READ = 500

interface FeedPage {
  /** The id of the run of the server. */
  readonly run: string
  readonly newest: number
  readonly events: readonly (readonly [position: number, event: string])[]
}

export function createFeedReader({ ask }: BoundedRedis, keys: FeedKeys): FeedReader {
  const read = createScript(READ, ask)
  const listeners = new Set<CommandListener>()
  let run = ''
  let last = 0
  let heardAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const lost = () => {
    heardAt = performance.now()
    for (const listener of listeners) listener.lost()
  }
  const startOver = (page: FeedPage) => {
    run = page.run
    last = page.newest
    lost()
  }
  const follow = (page: FeedPage) => {
    const [first] = page.events
    const isGap = page.newest > last && first?.[0] !== last + 1
    if (page.run !== run || page.newest < last || isGap) return startOver(page)
    heardAt = performance.now()
    for (const [position, event] of page.events) {
      last = position
      for (const listener of listeners) listener.heard(event)
    }
  }
  const look = async () => {
    const reply = await read({
      keys: [keys.position, keys.stream],
      args: [String(last), String(MAX_READ)],
    })
    if (isClosed) return
    const page = pageOf(reply)
    if (page !== undefined) follow(page)
    else if (performance.now() - heardAt > FEED_SILENT_MS) lost()
    const isBehind = page !== undefined && last < page.newest
    timer = setTimeout(look, isBehind ? 0 : FEED_LOOK_MS)
    timer.unref()
  }
  void look()
  return {
    listen: (listener) => void listeners.add(listener),
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

function pageOf(reply: unknown): FeedPage | undefined {
  if (!Array.isArray(reply)) return undefined
  const [run, newest, events] = reply
  if (typeof run !== 'string' || !Array.isArray(events)) return undefined
  const pairs = events.map((entry) => [Number(entry?.[0]), String(entry?.[1])] as const)
  return { run, newest: Number(newest), events: pairs }
}
