// `portcullis audit`: reads what the gateway recorded and tells it in words, line by line or as figures. It changes nothing.
import { type AuditFilter, fitsFilter } from '../../observe/audit-filter.ts'
import { CHECKPOINT_EVENT } from '../../observe/chain/checkpoint.ts'
import { readArguments } from '../shared/arguments.ts'
import { createDamageReport, type DamageReport } from '../shared/audit-damage.ts'
import { fileErrorCode } from '../shared/audit-files.ts'
import { followAudit } from '../shared/audit-follow.ts'
import { auditLineInWords } from '../shared/audit-line-words.ts'
import { type AuditFileLine, type AuditReading, isDamage } from '../shared/audit-lines.ts'
import { type AuditSpan, auditLinesOf, inOrder } from '../shared/audit-merge.ts'
import { type AuditSource, auditSource } from '../shared/audit-source.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG } from '../shared/configuration.ts'
import { MOMENT_WORDS, parseMoment } from '../shared/moments.ts'
import { formatSummary, summarise } from './audit-summary.ts'
import { runVerify, verifyHelp } from './audit-verify.ts'

export const summary = 'what was recorded: who was allowed or refused what, and why'
export const help = `portcullis audit [FILE …] [-c ${DEFAULT_CONFIG}] [what to look for] [--follow] [--json]
portcullis audit --summary [FILE …] [-c ${DEFAULT_CONFIG}] [what to look for] [--json]

Reads the audit file of the configuration, with those that a rotation set aside (also .gz and .zst), and prints a line for each
record in the order of time: when, who, with which client, where, what, how it went, and the id of the request.
\`portcullis explain --request-id ID\` says more of one. Times are UTC.

  portcullis audit --since yesterday --user ada --decision refused
  portcullis audit --follow --tool purge_note

What to look for; each narrows it:
  --since TIME       not before: 2026-11-29T14:00:00Z, 2026-11-29, today, yesterday, 2h, 3d
  --until TIME       before; of a day, until its end
  --user SUBJECT     who called, or who did it
  --client ID        the client
  --tool NAME        calls of this tool
  --route NAME       the route
  --decision WORD    allowed or refused
  --reason WORD      the reason of a refusal, or the check of a token, such as scope_missing or audience
  --request-id ID    ours, or the one that the client sent

  --follow           go on with what is written from now on (with --since: from then on); ends with Ctrl-C
  --summary          figures instead: verification failures by client, scopes asked for in vain, revocations, secrets and
                     keys replaced; and decisions by tool, person, client and reason
  --json             lines as they stand in the file; figures as JSON
  -c, --config FILE  whose audit file is read (default: ${DEFAULT_CONFIG})
  FILE …             read these instead, and no others

What cannot be read is told on standard error, with file and line. Exit codes: 0 done, 1 a file cannot be read, 2 wrong use,
78 a broken configuration.

${verifyHelp}`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  summary: { type: 'boolean', default: false },
  follow: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  since: { type: 'string' },
  until: { type: 'string' },
  user: { type: 'string' },
  client: { type: 'string' },
  tool: { type: 'string' },
  route: { type: 'string' },
  decision: { type: 'string' },
  reason: { type: 'string' },
  'request-id': { type: 'string' },
} as const

type Values = Extract<ReturnType<typeof readOptions>, { ok: true }>['values']

const MAX_FILES = 1_000

function readOptions(args: readonly string[]) {
  return readArguments(args, OPTIONS, MAX_FILES)
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const [action, ...rest] = args
  if (action === 'verify') return await runVerify(rest, io)
  const read = readOptions(args)
  if (!read.ok) return wrongUse(io, 'audit', read.message)
  const { values, positionals } = read
  const filter = readFilter(values, Date.now())
  if (typeof filter === 'string') return wrongUse(io, 'audit', filter)
  if (values.follow && (values.summary || values.until !== undefined))
    return wrongUse(io, 'audit', '--follow takes neither --summary nor --until')
  const damage = createDamageReport(io)
  const telling = { values, filter, damage, io }
  try {
    const asked = { command: 'audit', named: positionals, cure: 'name the audit file', config: values.config }
    const source = await auditSource(asked, io)
    if (typeof source === 'number') return source
    await tellFrom(source, telling)
    return damage.close() ? EXIT.finding : EXIT.fine
  } catch (error) {
    return unreadable(error, io)
  }
}

function tellFrom(source: AuditSource, telling: Telling): Promise<void> {
  if (telling.values.follow) return follow(source, telling)
  return telling.values.summary ? tellFigures(source, telling) : tellLines(source, telling)
}

/** What may be left unread; a file that was named is read whole. */
function spanOf({ isNamed }: AuditSource, { filter }: Telling): AuditSpan {
  return isNamed ? {} : filter
}

function unreadable(error: unknown, io: Io): number {
  if (!(error instanceof Error && 'code' in error)) throw error
  const path = 'path' in error ? ` ${String(error.path)}` : ''
  io.stderr.write(`portcullis audit: cannot read an audit file (${fileErrorCode(error)})${path}\n`)
  return EXIT.finding
}

/** A sentence for what cannot be looked for. */
function readFilter(values: Values, now: number): AuditFilter | string {
  const { since, until, user, client, tool, route, decision, reason, 'request-id': requestId } = values
  const [from, to] = [since && parseMoment(since, 'start', now), until && parseMoment(until, 'end', now)]
  if (since !== undefined && typeof from !== 'number') return `--since takes ${MOMENT_WORDS}`
  if (until !== undefined && typeof to !== 'number') return `--until takes ${MOMENT_WORDS}`
  if (decision !== undefined && decision !== 'allowed' && decision !== 'refused')
    return '--decision is allowed or refused'
  const times = { since: from || undefined, until: to || undefined }
  return { ...times, user, client, tool, route, decision, reason, requestId }
}

interface Telling {
  readonly values: Values
  readonly filter: AuditFilter
  readonly damage: DamageReport
  readonly io: Io
}

async function tellLines(source: AuditSource, telling: Telling): Promise<void> {
  const { files } = source
  const { damage, io } = telling
  let seen = 0
  let told = 0
  for await (const line of undamaged(inOrder(auditLinesOf(files, spanOf(source, telling))), damage)) {
    seen += 1
    if (tell(line, telling)) told += 1
  }
  if (told === 0) io.stderr.write(`nothing that fits among ${seen} records in ${files.length} files\n`)
}

async function follow(source: AuditSource, telling: Telling): Promise<void> {
  const { files, written } = source
  const { filter, damage, io } = telling
  const older = files.filter((file) => !written.includes(file))
  const lines = undamaged(inOrder(auditLinesOf(older, spanOf(source, telling))), damage)
  if (filter.since !== undefined) for await (const line of lines) tell(line, telling)
  const onReady = () => io.stderr.write(`following ${written.join(', ')}\n`)
  const coming = followAudit(written, { fromStart: filter.since !== undefined, stop: io.stop, onReady })
  for await (const line of undamaged(coming, damage)) tell(line, telling)
}

async function tellFigures(source: AuditSource, telling: Telling): Promise<void> {
  const { values, filter, damage, io } = telling
  const figures = await summarise(auditLinesOf(source.files, spanOf(source, telling)), filter, damage)
  io.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : formatSummary(figures))
}

async function* undamaged(
  readings: AsyncIterable<AuditReading>,
  damage: DamageReport,
): AsyncGenerator<AuditFileLine> {
  for await (const reading of readings) {
    if (isDamage(reading)) damage.tell(reading)
    else yield reading
  }
}

/** In words: the call of an admission has a line of its own, and checkpoints are for `audit verify`. */
const UNTOLD: ReadonlySet<unknown> = new Set(['admitted', CHECKPOINT_EVENT])

/** Whether the line was told. */
function tell(line: AuditFileLine, { values, filter, io }: Telling): boolean {
  const { record, at, text } = line
  if (!fitsFilter(record, at, filter)) return false
  if (values.json) io.stdout.write(`${text}\n`)
  else if (UNTOLD.has(record['event']) && filter.requestId === undefined) return false
  else io.stdout.write(`${auditLineInWords(line, io.colour)}\n`)
  return true
}
