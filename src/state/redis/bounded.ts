// Asks the store one question within a bounded time. Any failure is `unavailable`. After a question without an answer,
// or to a server that takes no writes, no more are asked of that place until it takes writes again: no call waits for a
// store that hangs, and none reads from a replica. A place is the whole store, or in a cluster a group of keys, so that
// one node that is away does not silence the others.
import { UNAVAILABLE, type Unavailable } from '../../core/shared-state.ts'
import type { RedisConnection } from './connection.ts'

/** Returns what the store said, or NOSCRIPT. `key` decides which node is asked. */
export type AskRedis = (key: string, args: readonly string[]) => Promise<unknown | Unavailable>

export interface BoundedRedis {
  readonly ask: AskRedis
  /** Whether the whole store is away, or a part of it. */
  readonly isAway: () => boolean
  close(): void
}

export interface BoundedOptions {
  readonly timeoutMs: number
  readonly placeOf: (key: string) => string
  /** Returns the question whose answer says that a place is back. */
  readonly probeOf: (place: string) => readonly string[]
  /** Called when a place goes away, with the reason; with what a server answers meanwhile; and when all are back. */
  readonly onAway: (why: string) => void
  readonly onStillAway: (code: string) => void
  readonly onBack: () => void
  /** Called with the code of an answer that is an error, such as one about memory or permissions. */
  readonly onFault: (code: string) => void
}

/** The answer of a server that has no script with this digest. */
export const NOSCRIPT = Symbol('NOSCRIPT')

/** How many questions may wait for an answer. */
const MAX_ASKED = 10_000
/** The time between two looks whether a place is back; each pause is longer than the one before. */
const FIRST_PROBE_MS = 10
const MAX_PROBE_MS = 250
/** The errors of a server that takes no writes, and with them those of one that cannot answer yet. */
export const NO_WRITES: ReadonlySet<string> = new Set(['MISCONF', 'NOREPLICAS', 'READONLY'])
const AWAY: ReadonlySet<string> = new Set(['CLUSTERDOWN', 'LOADING', 'MASTERDOWN', ...NO_WRITES])

export function createBounded(connection: RedisConnection, options: BoundedOptions): BoundedRedis {
  const { timeoutMs, placeOf, probeOf, onAway, onStillAway, onBack, onFault } = options
  const away = new Map<string, NodeJS.Timeout | undefined>([['', undefined]])
  let asked = 0
  let isClosed = false

  const send = (key: string, args: readonly string[]): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    asked += 1
    // The timeout fires after arrived answers were read, since this process may have stood still, and not the store.
    const giveUp = () => reject(new Error('no answer in time'))
    const late = setTimeout(() => setImmediate(giveUp), timeoutMs)
    const settled = () => {
      asked -= 1
      clearTimeout(late)
    }
    connection.send(key, args).finally(settled).then(resolve, reject)
    return promise
  }
  const probe = async (place: string, pauseMs: number) => {
    try {
      await send(place, probeOf(place))
      if (isClosed) return
      away.delete(place)
      if (away.size === 0) onBack()
    } catch (error) {
      const code = codeOf(error)
      if (code !== undefined && !isClosed) onStillAway(code)
      seekMaster(code)
      probeLater(place, Math.min(MAX_PROBE_MS, pauseMs * 2))
    }
  }
  const probeLater = (place: string, pauseMs: number) => {
    if (isClosed) return
    const timer = setTimeout(() => probe(place, pauseMs), pauseMs)
    timer.unref()
    away.set(place, timer)
  }
  /** The name of the server may lead to another one by now. */
  const seekMaster = (code: string | undefined) => {
    if (code === 'READONLY' && !isClosed) connection.renew()
  }
  const goAway = (place: string, why: string) => {
    if (away.has(place) || isClosed) return
    if (away.size === 0) onAway(why)
    probeLater(place, FIRST_PROBE_MS)
  }
  void probe('', FIRST_PROBE_MS)
  return {
    async ask(key, args) {
      const place = placeOf(key)
      if (away.has(place) || away.has('') || asked >= MAX_ASKED) return UNAVAILABLE
      try {
        return await send(key, args)
      } catch (error) {
        const code = codeOf(error)
        if (code === 'NOSCRIPT') return NOSCRIPT
        if (code !== undefined && !AWAY.has(code)) onFault(code)
        else {
          goAway(place, code ?? wordsOf(error))
          seekMaster(code)
        }
        return UNAVAILABLE
      }
    },
    isAway: () => away.size > 0,
    close() {
      isClosed = true
      for (const timer of away.values()) clearTimeout(timer)
      away.set('', undefined)
    },
  }
}

/** Returns the first word of an error from the server, and no more: the rest may repeat what was sent. */
function codeOf(error: unknown): string | undefined {
  const words = error instanceof Error ? error.message : ''
  return /^([A-Z]{2,20}) /.exec(words)?.[1]
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 100)
}
