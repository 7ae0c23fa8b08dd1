// `portcullis explain --since 24h`: what enforcing would have broken, from the `would` of the audit lines. It reads
// the file line by line and keeps counts, never a caller's arguments, which are not in it.
import { hasMembers } from '../../lib/json.ts'
import {
  type AuditRecord,
  auditRecords,
  isSince,
  memberOf,
  namesIn,
  targetIn,
} from '../shared/audit-lines.ts'

export interface WouldRefuse {
  readonly route: string
  readonly method: string
  readonly target: string
  readonly reason: string
  readonly rule: string
  readonly missing: readonly string[]
  readonly calls: number
  /** How many callers, by issuer and subject. */
  readonly callers: number
  readonly clients: readonly string[]
  /** ISO 8601, of the last one. */
  readonly last: string
}

export interface AuditReport {
  /** Decisions in the time. */
  readonly decisions: number
  /** Lines that are no audit lines. */
  readonly unreadable: number
  readonly wouldRefuse: readonly WouldRefuse[]
}

/** What a group has seen so far; sets are bounded by MAX_GROUPS and MAX_NAMES. */
interface Group {
  readonly head: Omit<WouldRefuse, 'calls' | 'callers' | 'clients' | 'last'>
  readonly callers: Set<string>
  readonly clients: Set<string>
  calls: number
  last: string
}

const MAX_GROUPS = 10_000
const MAX_NAMES = 10_000

/** Lines from `since` (epoch milliseconds) on. Throws what opening or reading the file throws. */
export async function readAudit(
  file: string,
  since: number,
  route: string | undefined,
): Promise<AuditReport> {
  const groups = new Map<string, Group>()
  let decisions = 0
  let unreadable = 0
  for await (const record of auditRecords([file])) {
    if (record === undefined) unreadable += 1
    else if (counts(record, since, route)) {
      decisions += 1
      if (hasMembers(record['would'])) add(groups, record, record['would'])
    }
  }
  const wouldRefuse = [...groups.values()].map(({ head, calls, callers, clients, last }) => ({
    ...head,
    calls,
    callers: callers.size,
    clients: [...clients].sort(),
    last,
  }))
  return { decisions, unreadable, wouldRefuse: wouldRefuse.sort((a, b) => b.calls - a.calls) }
}

function counts(record: AuditRecord, since: number, route: string | undefined): boolean {
  if (record['event'] !== 'decision' || !isSince(record, since)) return false
  return route === undefined || record['route'] === route
}

function add(groups: Map<string, Group>, record: AuditRecord, would: AuditRecord): void {
  const head = {
    route: memberOf(record, 'route'),
    method: memberOf(record, 'method') || 'batch',
    target: targetIn(record),
    reason: memberOf(would, 'reason'),
    rule: memberOf(would, 'rule'),
    missing: namesIn(would['missing']),
  }
  const key = JSON.stringify(head)
  const group = groups.get(key) ?? { head, callers: new Set(), clients: new Set(), calls: 0, last: '' }
  if (groups.size < MAX_GROUPS) groups.set(key, group)
  group.calls += 1
  group.last = memberOf(record, 'time')
  if (group.callers.size < MAX_NAMES)
    group.callers.add(`${memberOf(record, 'issuer')} ${memberOf(record, 'subject')}`)
  const client = memberOf(record, 'client')
  if (client !== '' && group.clients.size < MAX_NAMES) group.clients.add(client)
}

export function formatAudit({ decisions, unreadable, wouldRefuse }: AuditReport): string {
  const total = wouldRefuse.reduce((sum, { calls }) => sum + calls, 0)
  const lines = wouldRefuse.map(tellGroup)
  const skipped = unreadable === 0 ? [] : [`${unreadable} lines could not be read`]
  return `${[`enforcing would refuse ${total} of ${decisions} requests`, ...lines, ...skipped].join('\n')}\n`
}

function tellGroup({
  route,
  method,
  target,
  reason,
  rule,
  missing,
  calls,
  callers,
  clients,
}: WouldRefuse): string {
  const why = missing.length === 0 ? reason : `${reason} ${missing.join(' ')}`
  const of = clients.length === 0 ? '' : ` with ${clients.join(', ')}`
  // SECURITY: names come from clients; a control character could rewrite the terminal (K05).
  return `  ${calls} × ${route}: ${method} ${target}: ${why}, by ${rule}; ${callers} callers${of}`.replace(
    /[\x00-\x1f\x7f-\x9f]/g,
    '?',
  )
}
