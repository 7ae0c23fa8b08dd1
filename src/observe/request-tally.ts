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

/** Requests that look the same to every label. */
interface Kind {
  readonly decided: { inc(count: number): void }
  readonly answered: { inc(count: number): void }
  readonly took: { observe(seconds: number): void }
  readonly seconds: number[]
}

const MAX_UNSETTLED = 512

export function createRequestTally({ decisions, outcomes, durations }: RequestMetrics): RequestTally {
  const kinds = new Map<string, Kind>() // few: all labels are closed
  const kindOf = ({ route, refusal, status, rpc, ending }: Facts, method: string): Kind => {
    const decision = refusal === undefined ? 'allowed' : 'refused'
    return {
      decided: decisions.labels({ route, method, decision, reason: refusal?.reason ?? '' }),
      answered: outcomes.labels({ route, status: `${Math.trunc(status / 100)}xx`, rpc, ending }),
      took: durations.labels({ route }),
      seconds: [],
    }
  }
  return {
    count(facts, method) {
      const { route, refusal, status, rpc, ending, startedMs } = facts
      const key = `${route} ${method} ${refusal?.reason} ${status} ${rpc} ${ending}`
      let kind = kinds.get(key)
      if (kind === undefined) {
        kind = kindOf(facts, method)
        kinds.set(key, kind)
      }
      kind.seconds.push((performance.now() - startedMs) / 1_000)
      if (kind.seconds.length >= MAX_UNSETTLED) settle(kind)
    },
    settle() {
      for (const kind of kinds.values()) settle(kind)
    },
  }
}

function settle({ decided, answered, took, seconds }: Kind): void {
  if (seconds.length === 0) return
  decided.inc(seconds.length)
  answered.inc(seconds.length)
  for (const each of seconds) took.observe(each)
  seconds.length = 0
}
