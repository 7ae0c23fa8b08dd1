// The audit files that a command reads: those that were named, or those of the configuration.
import { resolve } from 'node:path'
import type { Settings } from '../../core/settings.ts'
import { auditOfWorker } from '../../core/settings-audit.ts'
import { withRotated } from './audit-files.ts'
import { EXIT, type Io, wrongUse } from './command.ts'
import { printProblems, readConfiguration } from './configuration.ts'
import { workersOf } from './workers-of.ts'

export interface AuditSource {
  /** All that are read. */
  readonly files: readonly string[]
  /** Those that may be written to. */
  readonly written: readonly string[]
  /** Whether somebody named them, and wants them whole. */
  readonly isNamed: boolean
}

export interface AuditAsked {
  readonly command: string
  readonly named: readonly string[]
  /** How a file is named, where the configuration writes to none. */
  readonly cure: string
}

/** The named files alone, or that of the configuration with those that a rotation set aside. Else the exit code: why was printed. */
export async function auditSource(
  asked: AuditAsked & { readonly config: string },
  io: Io,
): Promise<AuditSource | number> {
  if (asked.named.length > 0) return namedSource(asked.named, io)
  const loaded = readConfiguration(asked.config, io)
  if (loaded.ok) return await auditSourceIn(loaded.settings, asked, io)
  printProblems(loaded.problems, io)
  return EXIT.brokenFile
}

/** The same with a configuration that is loaded. */
export async function auditSourceIn(
  settings: Settings,
  { command, named, cure }: AuditAsked,
  io: Io,
): Promise<AuditSource | number> {
  if (named.length > 0) return namedSource(named, io)
  const { file } = settings.audit
  if (file === 'stdout') return wrongUse(io, command, `${cure}: the configuration writes to no file`)
  return { files: await withRotated(file), written: writtenFiles(settings), isNamed: false }
}

/** Where lines are a chain each of several processes has a file, and the first process that watches them too. */
function writtenFiles(settings: Settings): readonly string[] {
  const { audit } = settings
  const workers = workersOf(settings)
  if (workers === 1 || audit.chain === undefined) return [audit.file]
  return Array.from({ length: workers + 1 }, (_, worker) => auditOfWorker(audit, worker).file)
}

function namedSource(named: readonly string[], io: Io): AuditSource {
  const files = named.map((file) => resolve(io.cwd, file))
  return { files, written: files, isNamed: true }
}
