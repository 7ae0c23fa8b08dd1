// The last requests, for whoever looks at the console: so many, and of each as much as an audit line tells. No caller
// pushes out what others did: each has a share, and callers who were not proved have places of their own. Recording
// keeps values as they are; words are made when somebody asks. It holds no argument, claim or token, and is no record:
// that is the audit.
import { callerKey } from '../core/caller.ts'
import { createSharedTable } from '../core/shared-table.ts'
import { shareOf } from '../core/shares.ts'
import { createCallFilter } from './call-filter.ts'
import { type Ended, type RecentCall, recentCall } from './recent-call.ts'
import type { RequestRecord } from './request-record.ts'

export interface CallQuery {
  /** As in call-filter.ts; empty: all of them. */
  readonly text: string
  /** Only those that ended after the call of this number. A number that was not reached yet counts as 0. */
  readonly after: number
  readonly limit: number
}

export interface FoundCalls {
  /** Newest first. */
  readonly calls: readonly RecentCall[]
  /** The number of the last call, whether it fits or not. */
  readonly last: number
  /** How many are kept. */
  readonly kept: number
}

export interface RecentCalls {
  /** Called when the exchange has ended. */
  record(record: RequestRecord, ended: Ended): void
  find(query: CallQuery): FoundCalls
}

export interface RecentCallsOptions {
  /** The part of the calls that may be one caller's. */
  readonly sharePerCaller: number
  /** Processes that keep calls for the same console, and share the places. */
  readonly processes?: number
}

/** Of all callers. */
const MAX_CALLS = 10_000
/** Of these, of callers whose token was not proved. */
const MAX_UNPROVED_CALLS = 2_000

export function createRecentCalls({ sharePerCaller, processes = 1 }: RecentCallsOptions): RecentCalls {
  const tableOf = (places: number) => {
    const size = Math.max(1, Math.floor(places / processes))
    return createSharedTable<RecentCall>({ size, share: shareOf(size, sharePerCaller) })
  }
  const proved = tableOf(MAX_CALLS - MAX_UNPROVED_CALLS)
  const unproved = tableOf(MAX_UNPROVED_CALLS)
  let last = 0
  return {
    record(record, ended) {
      last += 1
      const table = record.principal === undefined ? unproved : proved
      table.set(record.id, callerKey(record.principal, record.address), recentCall(record, last, ended))
    },
    find({ text, after, limit }) {
      const since = after > last ? 0 : after
      const kept = proved.size + unproved.size
      if (since === last) return { calls: [], last, kept }
      const fits = createCallFilter(text)
      const calls = [...newer(proved.values(), since, fits), ...newer(unproved.values(), since, fits)]
      calls.sort((one, other) => other.number - one.number)
      return { calls: calls.slice(0, limit), last, kept }
    },
  }
}

function newer(
  calls: Iterable<RecentCall>,
  since: number,
  fits: (call: RecentCall) => boolean,
): readonly RecentCall[] {
  const found: RecentCall[] = []
  for (const call of calls) if (call.number > since && fits(call)) found.push(call)
  return found
}
