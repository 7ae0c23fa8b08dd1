// What a console shows of the requests of one process: the last of them, and the counts of the last hour. There only
// where the process, or its primary, has an administration port.
import { createMinuteCounts, type MinuteCounts } from './minute-counts.ts'
import { createRecentCalls, type RecentCalls, type RecentCallsOptions } from './recent-calls.ts'
import type { RequestRecord } from './request-record.ts'

export interface Activity {
  /** Called when the exchange has ended. */
  record(record: RequestRecord): void
  readonly calls: Pick<RecentCalls, 'find'>
  readonly minutes: Pick<MinuteCounts, 'list'>
}

export function createActivity(options: RecentCallsOptions): Activity {
  const calls = createRecentCalls(options)
  const minutes = createMinuteCounts()
  return {
    record(record) {
      const ended = { at: Date.now(), durationMs: performance.now() - record.startedMs }
      calls.record(record, ended)
      minutes.record(record, ended)
    },
    ...{ calls, minutes },
  }
}
