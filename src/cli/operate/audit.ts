// `portcullis audit`: reads what the gateway recorded. `--summary` prints the figures of operation; it changes nothing.
import { resolve } from 'node:path'
import { parseDuration } from '../../config/text.ts'
import { readArguments } from '../shared/arguments.ts'
import { auditRecords } from '../shared/audit-lines.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'
import { formatSummary, summarise } from './audit-summary.ts'
import { runVerify, verifyHelp } from './audit-verify.ts'

export const summary = 'figures of operation from the audit file'
export const help = `portcullis audit --summary [FILE …] [-c ${DEFAULT_CONFIG}] [--since DURATION] [--json]

Reads audit files, those of the configuration unless others are named, and prints: verification failures by client, scopes
that were asked for in vain, revocations, and secrets and keys that were replaced, with time and actor. A client is named
where the token itself was genuine; a token that may be made up belongs to nobody.

  --summary          print these figures
  --since DURATION   only what is not older than this, such as 24h
  --json             print them as JSON
  -c, --config FILE  whose audit file is read (default: ${DEFAULT_CONFIG})

Exit codes: 0 done, 1 a file cannot be read, 2 wrong use.

${verifyHelp}`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  summary: { type: 'boolean', default: false },
  since: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const MAX_FILES = 1_000

export async function run(args: readonly string[], io: Io): Promise<number> {
  const [action, ...rest] = args
  if (action === 'verify') return await runVerify(rest, io)
  const read = readArguments(args, OPTIONS, MAX_FILES)
  if (!read.ok) return wrongUse(io, 'audit', read.message)
  const { values, positionals } = read
  if (!values.summary) return wrongUse(io, 'audit', 'say what to print: --summary')
  const spanMs = values.since === undefined ? undefined : parseDuration(values.since)
  if (values.since !== undefined && spanMs === undefined)
    return wrongUse(io, 'audit', '--since takes a duration such as 24h or 30m')
  const files = positionals.length > 0 ? positionals : auditFilesOf(values.config, io)
  if (files.length === 0)
    return wrongUse(io, 'audit', 'name the audit file: the configuration writes to no file')
  try {
    const records = auditRecords(files.map((file) => resolve(io.cwd, file)))
    const summary = await summarise(records, spanMs === undefined ? 0 : Date.now() - spanMs)
    io.stdout.write(values.json ? `${JSON.stringify(summary, null, 2)}\n` : formatSummary(summary))
    return EXIT.fine
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    io.stderr.write(`portcullis audit: cannot read an audit file (${code})\n`)
    return EXIT.finding
  }
}

function auditFilesOf(config: string, io: Io): readonly string[] {
  const loaded = readConfiguration(config, io)
  if (!loaded.ok) printProblems(loaded.problems, io)
  return loaded.ok && loaded.settings.audit.file !== 'stdout' ? [loaded.settings.audit.file] : []
}
