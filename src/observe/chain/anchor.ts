// Keeps checkpoints in a second place, in their order: each is tried until it is kept. While the place is away they wait, up
// to a bound; then the oldest is given up and counted. The audit itself never waits for it.
import { setTimeout as delay } from 'node:timers/promises'
import { inTime } from '../../lib/in-time.ts'
import type { Logger } from '../log.ts'

/** How often checkpoints came where they belong. */
export interface AnchorCounts {
  kept: number
  waiting: number
  lost: number
}

export interface Anchor {
  /** @param line a checkpoint, without a line break */
  keep(line: string): void
  readonly counts: Readonly<AnchorCounts>
  /** Tries what waits once more; what is left then is lost. */
  close(): Promise<void>
}

/** Undefined when it is kept; else why not, in words for an operator. */
export type KeepCheckpoint = (line: string) => Promise<string | undefined>

export interface AnchorOptions {
  readonly keep: KeepCheckpoint
  /** As the operator knows it: a path, or the origin of a URL. */
  readonly place: string
  readonly log: Logger
}

/** A day of them, one a minute. */
const MAX_UNANCHORED = 1_440
const FIRST_ANCHOR_RETRY_MS = 1_000
const MAX_ANCHOR_RETRY_MS = 60_000
const ANCHOR_CLOSE_MS = 5_000

export function createAnchor({ keep, place, log }: AnchorOptions): Anchor {
  const waiting: string[] = []
  const counts = { kept: 0, lost: 0 }
  const closing = new AbortController()
  let isAway = false
  let isGivingUp = false
  let working: Promise<void> | undefined
  const tell = (why: string | undefined) => {
    if (why === undefined && isAway)
      log.info({ event: 'anchor_up', place }, 'checkpoints of the audit are kept again')
    if (why !== undefined && !isAway)
      log.error(
        { event: 'anchor_down', place, why },
        'a checkpoint of the audit could not be kept; it is tried again',
      )
    isAway = why !== undefined
  }
  const work = async () => {
    let pauseMs = FIRST_ANCHOR_RETRY_MS
    for (let line = waiting[0]; line !== undefined; line = waiting[0]) {
      const why = await keep(line)
      tell(why)
      if (why === undefined) {
        counts.kept += 1
        if (waiting[0] === line) waiting.shift()
        pauseMs = FIRST_ANCHOR_RETRY_MS
      } else if (closing.signal.aborted) return
      else {
        await delay(pauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
        pauseMs = Math.min(pauseMs * 2, MAX_ANCHOR_RETRY_MS)
      }
    }
  }
  const lose = (count: number) => {
    if (count === 0) return
    counts.lost += count
    if (!isGivingUp)
      log.error(
        { event: 'anchor_lost', place },
        'checkpoints of the audit were given up; later ones vouch for more',
      )
    isGivingUp = true
  }
  const begin = () => {
    working ??= work().finally(() => {
      working = undefined
    })
    return working
  }
  return {
    keep(line) {
      waiting.push(line)
      if (waiting.length > MAX_UNANCHORED) {
        waiting.shift()
        lose(1)
      }
      void begin()
    },
    get counts() {
      return { ...counts, waiting: waiting.length }
    },
    async close() {
      closing.abort()
      await inTime(ANCHOR_CLOSE_MS, Promise.resolve(working).then(begin))
      lose(waiting.length)
      waiting.length = 0
    },
  }
}
