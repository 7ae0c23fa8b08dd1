// Whether a caller is over a rate. The rate of a subject counts one for each call: the first is taken before the body is
// read, the rest of a batch when the number of its calls is known. The rate of a tool is taken after the decision.
import type { Call } from '../core/call.ts'
import type { Refusal } from '../core/refusal.ts'
import type { RateLimit } from './rates.ts'

export interface CallLimits {
  readonly perSubject: RateLimit | undefined
  readonly perTool: ReadonlyMap<string, RateLimit>
}

/** `caller` identifies issuer and subject, or the network of an anonymous caller (S19). */
export function checkRequestRate({ perSubject }: CallLimits, caller: string): Refusal | undefined {
  const wait = perSubject?.take(caller)
  return wait === undefined ? undefined : limited('per_subject', wait)
}

/** A batch counts one for each call, and one call was counted before. A batch that does not fit is refused whole. */
export function checkBatchRate(
  { perSubject }: CallLimits,
  caller: string,
  { length }: readonly Call[],
): Refusal | undefined {
  const wait = length > 1 ? perSubject?.take(caller, length - 1) : undefined
  return wait === undefined ? undefined : limited('per_subject', wait)
}

/** Each call of a tool counts one for that tool. When one of the calls does not fit, none is counted. */
export function checkToolRates(
  { perTool }: CallLimits,
  caller: string,
  calls: readonly Call[],
): Refusal | undefined {
  if (perTool.size === 0) return undefined
  const counts = countTools(perTool, calls)
  for (const [limit, count] of counts) {
    const wait = limit.peek(caller, count)
    if (wait !== undefined) return limited('per_tool', wait)
  }
  for (const [limit, count] of counts) limit.take(caller, count)
  return undefined
}

/** A call that only asked its client for input has not ended; it is counted when its client sends the rest. */
export function returnToolCalls({ perTool }: CallLimits, caller: string, calls: readonly Call[]): void {
  for (const [limit, count] of countTools(perTool, calls)) {
    for (let given = 0; given < count; given += 1) limit.giveBack(caller)
  }
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

function limited(limit: string, retryAfterSeconds: number): Refusal {
  return { reason: 'rate_limited', limit, retryAfterSeconds }
}
