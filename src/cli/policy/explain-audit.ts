// `portcullis explain --since 24h`: what was refused, and what enforcing would have broken, from the `would` of the audit
// lines. It reads the files line by line and keeps counts, never a caller's arguments, which are not in them.

import { hasMembers } from '../../lib/json.ts'
import { fitsFilter } from '../../observe/audit-filter.ts'
import { type AuditRecord, isDecision, namesIn, targetIn, textIn } from '../../observe/audit-record.ts'
import type { DamageReport } from '../shared/audit-damage.ts'
import { isDamage } from '../shared/audit-lines.ts'
import { auditLinesOf } from '../shared/audit-merge.ts'
import { printableLines } from '../shared/printable.ts'

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
  /** How many of them were refused, whatever is only observed. */
  readonly refused: number
  /** How many were allowed that enforcing would refuse. */
  readonly wouldRefuseAllowed: number
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

/** Lines from `since` (epoch milliseconds) on. Throws what opening or reading a file throws. */
export async function readAudit(
  files: readonly string[],
  filter: { readonly since: number; readonly route: string | undefined },
  damage: DamageReport,
): Promise<AuditReport> {
  const groups = new Map<string, Group>()
  const counts = { decisions: 0, refused: 0, wouldRefuseAllowed: 0 }
  for await (const reading of auditLinesOf(files)) {
    if (isDamage(reading)) damage.tell(reading)
    if (isDamage(reading) || !isDecision(reading.record) || !fitsFilter(reading.record, reading.at, filter))
      continue
    const { record } = reading
    const { would } = record
    const isRefused = record['decision'] === 'refused'
    counts.decisions += 1
    if (isRefused) counts.refused += 1
    if (!hasMembers(would)) continue
    if (!isRefused) counts.wouldRefuseAllowed += 1
    add(groups, record, would)
  }
  const wouldRefuse = [...groups.values()].map(({ head, calls, callers, clients, last }) => ({
    ...{ ...head, calls, callers: callers.size },
    clients: [...clients].sort(),
    last,
  }))
  const unreadable = damage.count
  return { ...counts, unreadable, wouldRefuse: wouldRefuse.sort((a, b) => b.calls - a.calls) }
}

function add(groups: Map<string, Group>, record: AuditRecord, would: AuditRecord): void {
  const head = {
    route: textIn(record, 'route'),
    method: textIn(record, 'method') || 'batch',
    target: targetIn(record),
    reason: textIn(would, 'reason'),
    rule: textIn(would, 'rule'),
    missing: namesIn(would['missing']),
  }
  const key = JSON.stringify(head)
  const group = groups.get(key) ?? { head, callers: new Set(), clients: new Set(), calls: 0, last: '' }
  if (groups.size < MAX_GROUPS) groups.set(key, group)
  group.calls += 1
  group.last = textIn(record, 'time')
  if (group.callers.size < MAX_NAMES)
    group.callers.add(`${textIn(record, 'issuer')} ${textIn(record, 'subject')}`)
  const client = textIn(record, 'client')
  if (client !== '' && group.clients.size < MAX_NAMES) group.clients.add(client)
}

export function formatAudit(report: AuditReport): string {
  const lines = report.wouldRefuse.map(tellGroup)
  const skipped = report.unreadable === 0 ? [] : [`${report.unreadable} lines could not be read`]
  return `${printableLines([headline(report), ...lines, ...skipped])}\n`
}

function headline({ decisions, refused, wouldRefuseAllowed: more }: AuditReport): string {
  return refused === 0
    ? `enforcing would refuse ${more} of ${decisions} requests`
    : `${refused} of ${decisions} requests were refused; enforcing would refuse ${more} of the other ${decisions - refused}`
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
  return `  ${calls} × ${route}: ${method} ${target}: ${why}, by ${rule}; ${callers} callers${of}`
}
