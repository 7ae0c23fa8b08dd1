// The workers that serve now, and what one of them does for its primary.
import type { AuditEvent } from '../core/audit-event.ts'
import type { Logger } from '../observe/log.ts'
import type { WorkerProcess } from './forked-worker.ts'
import type { Place } from './place.ts'

/** How long a worker may take to answer. */
const ANSWER_MS = 2_000

/** With the numbers of their places. */
export function servingIn(places: readonly Place[]): readonly (readonly [number, WorkerProcess])[] {
  return places.flatMap((place) => {
    const inside = place.serving()
    return inside === undefined ? [] : [[place.worker, inside] as const]
  })
}

/** Writes into the audit of the first worker that takes it; without one into the log, so that it is not lost. */
export async function recordAt(places: readonly Place[], event: AuditEvent, log: Logger): Promise<void> {
  for (const [, worker] of servingIn(places)) {
    const told = worker.ask({ what: 'record', event }, ANSWER_MS).then(
      () => true,
      () => false,
    )
    if (await told) return
  }
  log.error({ ...event, event: 'unrecorded', what: event.event }, 'no worker could write this into the audit')
}
