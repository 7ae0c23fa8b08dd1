// Whether an allowed message may go on now: rate limits per subject and per tool, a place for a stream.
import type { Call } from '../core/call.ts'
import type { Refusal } from '../core/refusal.ts'
import type { RateLimit } from './rates.ts'

export interface CallLimits {
  readonly perSubject: RateLimit | undefined
  readonly perTool: ReadonlyMap<string, RateLimit>
}

/** `caller` identifies issuer and subject, or the address of an anonymous caller (S19). */
export function admit(
  limits: CallLimits,
  caller: string,
  calls: readonly Call[],
): Promise<Refusal | undefined> | undefined {
  if (limits.perSubject === undefined && limits.perTool.size === 0) return undefined
  return take(limits, caller, calls)
}

async function take(
  limits: CallLimits,
  caller: string,
  calls: readonly Call[],
): Promise<Refusal | undefined> {
  if (limits.perSubject) {
    const wait = await limits.perSubject.take(caller)
    if (wait !== undefined) return limited('per_subject', wait)
  }
  for (const call of calls) {
    for (const target of call.targets) {
      if (target.kind !== 'tool' || call.taskId !== undefined) continue
      const wait = await limits.perTool.get(target.name)?.take(caller)
      if (wait !== undefined) return limited('per_tool', wait)
    }
  }
  return undefined
}

function limited(limit: string, retryAfterSeconds: number): Refusal {
  return { reason: 'rate_limited', limit, retryAfterSeconds }
}
