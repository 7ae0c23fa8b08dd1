// Requests counted in plain numbers and handed to prom-client in bulk: when somebody asks, or when enough have come.
// Counting them one by one there costs as much as checking their tokens.
import type { Counter, Histogram } from 'prom-client'
import type { Facts } from './facts.ts'

export interface RequestMetrics {
  readonly decisions: Counter<'route' | 'method' | 'decision' | 'reason'>
  readonly outcomes: Counter<'route' | 'status' | 'rpc' | 'ending'>
  readonly durations: Histogram<'route'>
}

export interface RequestTally {
  count(facts: Facts, method: string): void
  /** Hands over what was counted. */
  settle(): void
}

/** What labels are made of. */
type Traits = Pick<Facts, 'route' | 'status' | 'rpc' | 'ending'> & {
  readonly method: string
  readonly reason: string | undefined
}

/** Requests that look the same to every label. */
interface Kind extends Traits {
  readonly decided: { inc(count: number): void }
  readonly answered: { inc(count: number): void }
  readonly took: { observe(seconds: number): void }
  readonly seconds: number[]
}

const MAX_UNSETTLED = 512

export function createRequestTally({ decisions, outcomes, durations }: RequestMetrics): RequestTally {
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
  const createKind = ({ route, refusal, status, rpc, ending }: Facts, method: string): Kind => {
    const decision = refusal === undefined ? 'allowed' : 'refused'
    return {
      ...{ route, method, reason: refusal?.reason, status, rpc, ending, seconds: [] },
      decided: decisions.labels({ route, method, decision, reason: refusal?.reason ?? '' }),
      answered: outcomes.labels({ route, status: `${Math.trunc(status / 100)}xx`, rpc, ending }),
      took: durations.labels({ route }),
    }
  }
  return {
    count(facts, method) {
      const kind = kindOf(facts, method)
      kind.seconds.push((performance.now() - facts.startedMs) / 1_000)
      if (kind.seconds.length >= MAX_UNSETTLED) settle(kind)
    },
    settle() {
      for (const kind of kinds) settle(kind)
    },
  }
}

function isLike(kind: Traits, { route, refusal, status, rpc, ending }: Facts, method: string): boolean {
  return (
    kind.method === method &&
    kind.route === route &&
    kind.status === status &&
    kind.rpc === rpc &&
    kind.ending === ending &&
    kind.reason === refusal?.reason
  )
}

function settle({ decided, answered, took, seconds }: Kind): void {
  if (seconds.length === 0) return
  decided.inc(seconds.length)
  answered.inc(seconds.length)
  for (const each of seconds) took.observe(each)
  seconds.length = 0
}
