// Says in the process log that a limit has begun to refuse: one line when it begins, and not again until it was quiet for
// ten minutes. How often it refused is in the metrics, and whom in the audit.
import type { AuditEvent } from '../core/audit-event.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Logger } from './log.ts'
import type { RequestRecord } from './request-record.ts'

export interface LimitLines {
  /** A request that has ended. */
  record(record: Pick<RequestRecord, 'route' | 'refusal'>): void
  /** What the authorization server refused. */
  event(event: AuditEvent): void
}

export interface LimitLinesOptions {
  readonly log: Logger
  /** Epoch milliseconds. */
  readonly now: () => number
}

const QUIET_MS = 600_000
/** Names of limits and routes come from the configuration; beyond this many, the one told longest ago is forgotten. */
const MAX_LIMITS = 4_096

const WORDS = {
  rate_limited: 'a limit has begun to refuse calls',
  overloaded: 'something shared is used up, and calls are refused',
} as const
/** As the authorization server calls it in its events. */
const TOO_MANY = 'too_many'
const SIGN_IN_WORDS = 'a limit of the authorization server has begun to refuse'

export function createLimitLines({ log, now }: LimitLinesOptions): LimitLines {
  const lastRefusal = new Map<string, number>()
  /** Whether it begins now. */
  const begins = (limit: string): boolean => {
    const at = now()
    const before = lastRefusal.get(limit)
    lastRefusal.delete(limit)
    if (lastRefusal.size >= MAX_LIMITS) lastRefusal.delete(lastRefusal.keys().next().value as string)
    lastRefusal.set(limit, at)
    return before === undefined || at - before >= QUIET_MS
  }
  return {
    record({ route, refusal }) {
      if (refusal === undefined || !isOfLimit(refusal)) return
      const { reason } = refusal
      const limit = refusal.reason === 'rate_limited' ? refusal.limit : refusal.detail
      if (begins(`${reason}\n${route}\n${limit}`)) log.warn({ event: 'limit', route, limit }, WORDS[reason])
    },
    event({ event, endpoint = event, reason }) {
      if (reason === TOO_MANY && begins(`${reason}\n${endpoint}`))
        log.warn({ event: 'limit', limit: endpoint }, SIGN_IN_WORDS)
    },
  }
}

function isOfLimit(refusal: Refusal): refusal is Extract<Refusal, { readonly reason: keyof typeof WORDS }> {
  return refusal.reason in WORDS
}
