// The audit files that a command reads: the one that was named, or those of the configuration.
import { resolve } from 'node:path'
import { withRotated } from './audit-files.ts'
import type { Io } from './command.ts'
import { printProblems, readConfiguration } from './configuration.ts'

/**
 * The named file alone, or that of the configuration with those that a rotation set aside. Undefined where there is none;
 * problems of the file were printed.
 */
export async function auditFilesOf(
  { audit, config }: { readonly audit?: string | undefined; readonly config: string },
  io: Io,
): Promise<readonly string[] | undefined> {
  if (audit !== undefined) return [resolve(io.cwd, audit)]
  const loaded = readConfiguration(config, io)
  if (!loaded.ok) printProblems(loaded.problems, io)
  return loaded.ok && loaded.settings.audit.file !== 'stdout'
    ? await withRotated(loaded.settings.audit.file)
    : undefined
}
