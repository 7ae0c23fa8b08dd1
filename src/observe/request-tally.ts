// Requests counted in plain numbers and handed to prom-client when somebody asks: counting them one by one there costs as
// much as checking their tokens.
import type { Counter } from 'prom-client'
import type { Durations } from './durations.ts'
import type { RequestRecord } from './request-record.ts'

export interface RequestMetrics {
  readonly decisions: Counter<'route' | 'method' | 'decision' | 'reason'>
  readonly outcomes: Counter<'route' | 'status' | 'rpc' | 'ending'>
  readonly durationsOf: (route: string) => Durations
  /** The durations of streams that listen. */
  readonly streamsOf: (route: string) => Durations
}

export interface RequestTally {
  count(record: RequestRecord, method: string, seconds: number): void
  /** Hands over what was counted. */
  settle(): void
}

/** The values of the labels. */
type Traits = Pick<RequestRecord, 'route' | 'status' | 'rpc' | 'ending' | 'isStream'> & {
  readonly method: string
  readonly reason: string | undefined
}

/** Requests that look the same to every label. */
interface Kind extends Traits {
  readonly decided: { inc(count: number): void }
  readonly answered: { inc(count: number): void }
  readonly took: Durations
  /** Counted since the last hand-over. */
  count: number
}

export function createRequestTally(metrics: RequestMetrics): RequestTally {
  const { decisions, outcomes, durationsOf, streamsOf } = metrics
  /** By route; few for each, since all other labels are closed. */
  const kinds = new Map<string, Kind[]>()
  /** Most requests are like the one before. */
  let last: Kind | undefined

  const kindOf = (record: RequestRecord, method: string): Kind => {
    if (last !== undefined && isLike(last, record, method)) return last
    const known = kinds.get(record.route) ?? []
    last = known.find((kind) => isLike(kind, record, method))
    if (last === undefined) {
      last = createKind(record, method)
      kinds.set(record.route, [...known, last])
    }
    return last
  }
  const createKind = (
    { route, refusal, status, rpc, ending, isStream }: RequestRecord,
    method: string,
  ): Kind => {
    const decision = refusal === undefined ? 'allowed' : 'refused'
    return {
      ...{ route, method, reason: refusal?.reason, status, rpc, ending, isStream, count: 0 },
      decided: decisions.labels({ route, method, decision, reason: refusal?.reason ?? '' }),
      answered: outcomes.labels({ route, status: `${Math.trunc(status / 100)}xx`, rpc, ending }),
      took: isStream ? streamsOf(route) : durationsOf(route),
    }
  }
  return {
    count(record, method, seconds) {
      const kind = kindOf(record, method)
      kind.count += 1
      kind.took.observe(seconds)
    },
    settle() {
      for (const kind of [...kinds.values()].flat()) {
        if (kind.count === 0) continue
        kind.decided.inc(kind.count)
        kind.answered.inc(kind.count)
        kind.count = 0
      }
    },
  }
}

function isLike(
  kind: Traits,
  { route, refusal, status, rpc, ending, isStream }: RequestRecord,
  method: string,
): boolean {
  return (
    kind.method === method &&
    kind.route === route &&
    kind.status === status &&
    kind.rpc === rpc &&
    kind.ending === ending &&
    kind.isStream === isStream &&
    kind.reason === refusal?.reason
  )
}
