// Requests counted in plain numbers and handed to prom-client when somebody asks: counting them one by one there costs as
// much as checking their tokens.
import type { Counter } from 'prom-client'
import type { Durations } from './durations.ts'
import type { Facts } from './facts.ts'

export interface RequestMetrics {
  readonly decisions: Counter<'route' | 'method' | 'decision' | 'reason'>
  readonly outcomes: Counter<'route' | 'status' | 'rpc' | 'ending'>
  readonly durationsOf: (route: string) => Durations
  /** Of streams that listen. */
  readonly streamsOf: (route: string) => Durations
}

export interface RequestTally {
  count(facts: Facts, method: string, seconds: number): void
  /** Hands over what was counted. */
  settle(): void
}

/** The values of the labels. */
type Traits = Pick<Facts, 'route' | 'status' | 'rpc' | 'ending' | 'isStream'> & {
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
  const kinds: Kind[] = [] // few: all labels are closed
  /** Most requests are like the one before. */
  let last: Kind | undefined

  const kindOf = (facts: Facts, method: string): Kind => {
    if (last !== undefined && isLike(last, facts, method)) return last
    last = kinds.find((kind) => isLike(kind, facts, method))
    if (last === undefined) {
      last = createKind(facts, method)
      kinds.push(last)
    }
    return last
  }
  const createKind = ({ route, refusal, status, rpc, ending, isStream }: Facts, method: string): Kind => {
    const decision = refusal === undefined ? 'allowed' : 'refused'
    return {
      ...{ route, method, reason: refusal?.reason, status, rpc, ending, isStream, count: 0 },
      decided: decisions.labels({ route, method, decision, reason: refusal?.reason ?? '' }),
      answered: outcomes.labels({ route, status: `${Math.trunc(status / 100)}xx`, rpc, ending }),
      took: isStream ? streamsOf(route) : durationsOf(route),
    }
  }
  return {
    count(facts, method, seconds) {
      const kind = kindOf(facts, method)
      kind.count += 1
      kind.took.observe(seconds)
    },
    settle() {
      for (const kind of kinds) {
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
  { route, refusal, status, rpc, ending, isStream }: Facts,
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
