// The figures of operation in an audit: verification failures by client, scopes that were asked for in vain, revocations,
// and secrets and keys that were replaced, with time and actor; and decisions by tool, person, client and reason. Counts
// and named values only.
import { type AuditFilter, fitsFilter } from '../../observe/audit-filter.ts'
import { type AuditRecord, isDecision, namesIn, targetIn, textIn } from '../../observe/audit-record.ts'
import type { DamageReport } from '../shared/audit-damage.ts'
import { type AuditReading, isDamage } from '../shared/audit-lines.ts'
import { table } from '../shared/table.ts'
import { createDecisionCounts, type DecisionCounts, type NameCount } from './decision-counts.ts'

/** Failed verifications of one client for one reason. Forged tokens count for no client. */
export interface FailedVerification {
  readonly client: string | undefined
  readonly route: string
  readonly reason: string
  readonly check: string | undefined
  readonly count: number
  /** ISO 8601, of the last one. */
  readonly last: string
}

export interface DeniedScope {
  readonly client: string | undefined
  readonly route: string
  readonly target: string
  readonly missing: readonly string[]
  readonly count: number
  readonly last: string
}

/** Something that somebody did. */
export interface AuditedAct {
  readonly time: string
  readonly event: string
  readonly actor: string
  readonly subject: string | undefined
  readonly client: string | undefined
  readonly detail: string | undefined
}

export interface AuditSummary extends DecisionCounts {
  readonly decisions: number
  readonly refused: number
  /** Lines that are no audit lines. */
  readonly unreadable: number
  readonly verificationFailures: readonly FailedVerification[]
  readonly deniedScopes: readonly DeniedScope[]
  readonly revocations: readonly AuditedAct[]
  readonly rotations: readonly AuditedAct[]
  /** What was left out, because there are more kinds of it than are kept. */
  readonly leftOut: number
}

const MAX_GROUPS = 10_000
/** A first request without a token is how clients begin, and no failure. */
const FAILURES = new Set(['token_rejected', 'token_malformed', 'dpop_rejected'])
const REVOCATIONS = new Set([
  'revoked',
  'consent_withdrawn',
  'refresh_reused',
  'code_replayed',
  'client_removed',
  'user_disabled',
  'user_gone',
  'data_restored',
])
const ROTATIONS = new Set([
  ...['secret_rotated', 'key_rotated', 'password_changed', 'password_removed', 'user_reset'],
  ...['passkey_added', 'passkey_removed'],
])

/** Counts the lines that fit; tells what cannot be read. */
export async function summarise(
  readings: AsyncIterable<AuditReading>,
  filter: AuditFilter,
  damage: Pick<DamageReport, 'tell' | 'count'>,
): Promise<AuditSummary> {
  const decisions = createDecisions()
  const tallies = createDecisionCounts()
  const revocations = createDeeds(REVOCATIONS)
  const rotations = createDeeds(ROTATIONS)
  for await (const reading of readings) {
    if (isDamage(reading)) damage.tell(reading)
    if (isDamage(reading) || !fitsFilter(reading.record, reading.at, filter)) continue
    const { record } = reading
    decisions.take(record)
    if (isDecision(record)) tallies.take(record)
    revocations.take(record)
    rotations.take(record)
  }
  const { leftOut, ...counted } = decisions.all()
  const { leftOut: others, ...tallied } = tallies.all()
  return {
    ...{ ...counted, unreadable: damage.count },
    ...{ revocations: revocations.kept, rotations: rotations.kept, ...tallied },
    leftOut: leftOut + others + revocations.leftOut() + rotations.leftOut(),
  }
}

function createDecisions() {
  const failures = createGroups<Omit<FailedVerification, 'count' | 'last'>>()
  const denied = createGroups<Omit<DeniedScope, 'count' | 'last'>>()
  let decisions = 0
  let refused = 0
  return {
    take(record: AuditRecord) {
      if (!isDecision(record)) return
      decisions += 1
      if (record['decision'] === 'refused') refused += 1
      if (FAILURES.has(textIn(record, 'reason'))) failures.add(failureOf(record), record)
      if (record['reason'] === 'scope_missing') denied.add(deniedOf(record), record)
    },
    all: () => ({
      ...{ decisions, refused, verificationFailures: failures.all(), deniedScopes: denied.all() },
      leftOut: failures.leftOut() + denied.leftOut(),
    }),
  }
}

function createDeeds(events: ReadonlySet<string>) {
  const kept: AuditedAct[] = []
  let leftOut = 0
  return {
    kept,
    take(record: AuditRecord) {
      if (!events.has(textIn(record, 'event'))) return
      if (kept.length < MAX_GROUPS) kept.push(deedOf(record))
      else leftOut += 1
    },
    leftOut: () => leftOut,
  }
}

function failureOf(record: AuditRecord) {
  return {
    client: textIn(record, 'client') || undefined,
    route: textIn(record, 'route'),
    reason: textIn(record, 'reason'),
    check: textIn(record, 'check') || undefined,
  }
}

function deniedOf(record: AuditRecord) {
  return {
    client: textIn(record, 'client') || undefined,
    route: textIn(record, 'route'),
    target: targetIn(record) || textIn(record, 'method') || 'batch',
    missing: namesIn(record['missing']),
  }
}

function deedOf(record: AuditRecord): AuditedAct {
  const named = (name: string) => textIn(record, name) || undefined
  return {
    time: textIn(record, 'time'),
    event: textIn(record, 'event'),
    actor: textIn(record, 'actor'),
    subject: named('subject'),
    client: named('client'),
    detail: named('detail'),
  }
}

interface Counted {
  count: number
  last: string
}

/** Most frequent first. */
function createGroups<Head extends object>() {
  const groups = new Map<string, Head & Counted>()
  let leftOut = 0
  return {
    add(head: Head, record: AuditRecord) {
      const key = JSON.stringify(head)
      const group = groups.get(key) ?? { ...head, count: 0, last: '' }
      if (groups.size >= MAX_GROUPS && !groups.has(key)) leftOut += 1
      else groups.set(key, group)
      group.count += 1
      group.last = textIn(record, 'time')
    },
    all: (): readonly (Head & Counted)[] => [...groups.values()].sort((a, b) => b.count - a.count),
    leftOut: () => leftOut,
  }
}

const NOBODY = '(not proved)'

export function formatSummary(summary: AuditSummary): string {
  const { decisions, refused, unreadable, leftOut } = summary
  const parts = [
    `${decisions} decisions, ${refused} refused`,
    section(
      'verification failures',
      ['count', 'client', 'route', 'reason', 'check', 'last'],
      summary.verificationFailures.map(({ count, client = NOBODY, route, reason, check = '', last }) => [
        ...[String(count), client, route, reason, check, last],
      ]),
    ),
    section(
      'denied scopes',
      ['count', 'client', 'route', 'target', 'missing', 'last'],
      summary.deniedScopes.map(({ count, client = NOBODY, route, target, missing, last }) => [
        ...[String(count), client, route, target, missing.join(' '), last],
      ]),
    ),
    section('revocations', DEED_COLUMNS, summary.revocations.map(cellsOf)),
    section('secrets and keys replaced', DEED_COLUMNS, summary.rotations.map(cellsOf)),
    ...[tallied('tool', summary.byTool), tallied('person', summary.byPerson)],
    ...[tallied('client', summary.byClient), tallied('reason', summary.byReason)],
    ...(unreadable === 0 ? [] : [`${unreadable} lines could not be read`]),
    ...(leftOut === 0 ? [] : [`${leftOut} more were left out`]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** So many of each kind are told; all are in the JSON. */
const MAX_TOLD = 20

function tallied(kind: string, all: readonly NameCount[]): string {
  const rows = all
    .slice(0, MAX_TOLD)
    .map(({ name, allowed, refused, last }) => [String(allowed), String(refused), name || NOBODY, last])
  const more = all.length > MAX_TOLD ? `\n… ${all.length - MAX_TOLD} more, see --json` : ''
  return section(`by ${kind}`, ['allowed', 'refused', kind, 'last'], rows) + more
}

const DEED_COLUMNS = ['time', 'event', 'actor', 'subject', 'client', 'detail']

function cellsOf({
  time,
  event,
  actor,
  subject = '',
  client = '',
  detail = '',
}: AuditedAct): readonly string[] {
  return [time, event, actor, subject, client, detail]
}

function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${title}: ${rows.length === 0 ? 'none' : `\n${table(header, rows, '')}`}`
}
