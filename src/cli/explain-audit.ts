// `portcullis explain --since 24h`: what enforcing would have broken, from the `would` of the audit lines. It reads
// the file line by line and keeps counts, never a caller's arguments, which are not in it.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

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
  for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    if (text.trim() === '') continue
    const line = parseLine(text)
    if (line === undefined) unreadable += 1
    else if (counts(line, since, route)) {
      decisions += 1
      if (isObject(line['would'])) add(groups, line, line['would'])
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

type Line = Readonly<Record<string, unknown>>

function parseLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function counts(line: Line, since: number, route: string | undefined): boolean {
  if (line['stream'] !== 'audit' || line['event'] !== 'decision') return false
  const time = Date.parse(textOf(line['time']))
  return time >= since && (route === undefined || line['route'] === route)
}

function add(groups: Map<string, Group>, line: Line, would: Line): void {
  const missing = Array.isArray(would['missing']) ? would['missing'].map(textOf) : []
  const head = {
    route: textOf(line['route']),
    method: textOf(line['method']) || 'batch',
    target: Array.isArray(line['target']) ? line['target'].map(textOf).join(' ') : textOf(line['target']),
    reason: textOf(would['reason']),
    rule: textOf(would['rule']),
    missing,
  }
  const key = JSON.stringify(head)
  const group = groups.get(key) ?? { head, callers: new Set(), clients: new Set(), calls: 0, last: '' }
  if (groups.size < MAX_GROUPS) groups.set(key, group)
  group.calls += 1
  group.last = textOf(line['time'])
  if (group.callers.size < MAX_NAMES)
    group.callers.add(`${textOf(line['issuer'])} ${textOf(line['subject'])}`)
  const client = textOf(line['client'])
  if (client !== '' && group.clients.size < MAX_NAMES) group.clients.add(client)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function tellAudit({ decisions, unreadable, wouldRefuse }: AuditReport): string {
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
