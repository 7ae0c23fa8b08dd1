// Checks whether a caller is over a rate. The rate of a subject counts one for each call: the first is counted before
// the body is read, the rest of a batch when the number of its calls is known. The rate of a tool is counted after the
// decision.
import type { Call } from '../core/call.ts'
import type { Refusal } from '../core/refusal.ts'
import type { RateLimit } from '../core/shared-state.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'

export interface CallLimits {
  readonly perSubject: RateLimit | undefined
  readonly perTool: ReadonlyMap<string, RateLimit>
}

/** `caller` identifies issuer and subject, or the network of an anonymous caller (S19). */
export function checkRequestRate(
  { perSubject }: CallLimits,
  caller: string,
): MaybeAsync<Refusal | undefined> {
  return perSubject && andThen(perSubject.take(caller), overSubject)
}

/**
 * A batch counts one for each call, of which the first was counted before. A batch that does not fit is refused whole.
 */
export function checkBatchRate(
  { perSubject }: CallLimits,
  caller: string,
  { length }: readonly Call[],
): MaybeAsync<Refusal | undefined> {
  return perSubject && length > 1 ? andThen(perSubject.take(caller, length - 1), overSubject) : undefined
}

/** Each call of a tool counts one for that tool. When one of the calls does not fit, none is counted. */
export function checkToolRates(
  { perTool }: CallLimits,
  caller: string,
  calls: readonly Call[],
): MaybeAsync<Refusal | undefined> {
  return perTool.size === 0 ? undefined : takeEach([...countTools(perTool, calls)], caller)
}

type Wanted = readonly [limit: RateLimit, count: number]

/** Takes the counts one after the other. When one does not fit, those before it are given back. */
function takeEach(wanted: readonly Wanted[], caller: string, taken = 0): MaybeAsync<Refusal | undefined> {
  const next = wanted[taken]
  if (next === undefined) return undefined
  return andThen(next[0].take(caller, next[1]), (wait) => {
    if (wait === undefined) return takeEach(wanted, caller, taken + 1)
    for (const [limit, count] of wanted.slice(0, taken)) limit.giveBack(caller, count)
    return limited('per_tool', wait)
  })
}

/** A call that only asked its client for input has not ended; it is counted when its client sends the rest. */
export function returnToolCalls({ perTool }: CallLimits, caller: string, calls: readonly Call[]): void {
  for (const [limit, count] of countTools(perTool, calls)) limit.giveBack(caller, count)
}

function countTools(
  perTool: ReadonlyMap<string, RateLimit>,
  calls: readonly Call[],
): ReadonlyMap<RateLimit, number> {
  const counts = new Map<RateLimit, number>()
  for (const call of calls) {
    for (const target of call.targets) {
      if (target.kind !== 'tool' || call.taskId !== undefined) continue
      const limit = perTool.get(target.name)
      if (limit) counts.set(limit, (counts.get(limit) ?? 0) + 1)
    }
  }
  return counts
}

function overSubject(wait: number | undefined): Refusal | undefined {
  return wait === undefined ? undefined : limited('per_subject', wait)
}

function limited(limit: string, retryAfterSeconds: number): Refusal {
  return { reason: 'rate_limited', limit, retryAfterSeconds }
}
