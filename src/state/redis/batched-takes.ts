// Sends counts that are asked for at the same step of one turn of the event loop to the store in one run of one script,
// which costs the gateway and the store a fraction of a run for each. In a cluster there is one run for each group of
// keys.
import { UNAVAILABLE, type Unavailable } from '../../core/shared-state.ts'
import type { RunScript } from './run-script.ts'

export type TakeMode = 'take' | 'peek' | 'give'

export interface Take {
  readonly key: string
  readonly mode: TakeMode
  readonly count: number
  readonly most: number
  readonly windowMs: number
}

/** Milliseconds to wait; undefined when the count fits. */
export type Wait = number | undefined | Unavailable

interface WaitingTake extends Take {
  readonly settle: (wait: Wait) => void
}

/** How many counts one run may have, so that no script keeps the store for long. */
const MAX_TAKES = 256

/** @param groupOf returns the group of a key; keys of one group may be in one script */
export function createBatchedTakes(
  run: RunScript,
  groupOf: (key: string) => string,
): (take: Take) => Promise<Wait> {
  let groups = new Map<string, WaitingTake[]>()

  const send = async (takes: readonly WaitingTake[]) => {
    const reply = await run({
      keys: takes.map(({ key }) => key),
      args: takes.flatMap(({ mode, count, most, windowMs }) => [
        mode,
        String(count),
        String(most),
        String(windowMs),
      ]),
    })
    const waits = Array.isArray(reply) && reply.length === takes.length ? reply : undefined
    for (const [index, { settle }] of takes.entries()) settle(waits ? waitOf(waits[index]) : UNAVAILABLE)
  }
  const flush = () => {
    const sent = groups
    groups = new Map()
    for (const takes of sent.values()) void send(takes)
  }
  return (take) => {
    const { promise, resolve } = Promise.withResolvers<Wait>()
    if (groups.size === 0) queueMicrotask(flush)
    const group = groupOf(take.key)
    const waiting = groups.get(group) ?? []
    groups.set(group, waiting)
    if (waiting.push({ ...take, settle: resolve }) >= MAX_TAKES) {
      groups.delete(group)
      void send(waiting)
    }
    return promise
  }
}

function waitOf(reply: unknown): Wait {
  const left = Number(reply)
  if (!Number.isFinite(left)) return UNAVAILABLE
  return left < 0 ? undefined : left
}
