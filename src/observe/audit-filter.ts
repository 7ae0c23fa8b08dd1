// Which lines of the audit somebody asked for. Names are compared exactly: two people are never taken for one. Pure.
import { type AuditRecord, callsIn, isDecision, textIn } from './audit-record.ts'

/** What is absent is not asked about. Times are epoch milliseconds. */
export interface AuditFilter {
  readonly since?: number | undefined
  /** Exclusive. */
  readonly until?: number | undefined
  /** A subject; or, for events, who did it. */
  readonly user?: string | undefined
  readonly client?: string | undefined
  readonly tool?: string | undefined
  readonly route?: string | undefined
  readonly decision?: 'allowed' | 'refused' | undefined
  /** The reason of a refusal, or the check of a token that failed. */
  readonly reason?: string | undefined
  /** Ours, or the one that the client sent. */
  readonly requestId?: string | undefined
}

/** @param at when the line was written, in epoch milliseconds */
export function fitsFilter(record: AuditRecord, at: number, filter: AuditFilter): boolean {
  const { since, until, user, client, tool, route, decision, reason, requestId } = filter
  return (
    (since === undefined || at >= since) &&
    (until === undefined || at < until) &&
    isOneOf(record, user, 'subject', 'actor') &&
    isOneOf(record, client, 'client') &&
    isOneOf(record, route, 'route') &&
    isOneOf(record, reason, 'reason', 'check') &&
    isOneOf(record, requestId, 'request_id', 'client_request_id') &&
    (decision === undefined || (isDecision(record) && record['decision'] === decision)) &&
    (tool === undefined || callsTool(record, tool))
  )
}

function isOneOf(record: AuditRecord, wanted: string | undefined, ...names: readonly string[]): boolean {
  return wanted === undefined || names.some((name) => textIn(record, name) === wanted)
}

function callsTool(record: AuditRecord, tool: string): boolean {
  return callsIn(record).some(({ method, targets }) => method.startsWith('tools/') && targets.includes(tool))
}
