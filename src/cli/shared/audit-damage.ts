// Says on standard error what of the audit cannot be read, with file and line, and counts what is too much to say.
import { basename } from 'node:path'
import type { AuditDamage } from './audit-lines.ts'
import type { Io } from './command.ts'

export interface DamageReport {
  tell(damage: AuditDamage): void
  /** Tells what was only counted. Returns whether a whole file, or the rest of one, could not be read. */
  close(): boolean
  readonly count: number
}

/** Of one file. */
const MAX_TOLD = 20

export function createDamageReport(io: Io): DamageReport {
  const counts = new Map<string, number>()
  let isCut = false
  let count = 0
  return {
    tell({ file, line, damage, isRest }) {
      const before = counts.get(file) ?? 0
      counts.set(file, before + 1)
      count += 1
      isCut ||= isRest === true
      if (before < MAX_TOLD || isRest)
        io.stderr.write(`${basename(file)}:${line}: cannot be read: ${damage}\n`)
    },
    close() {
      for (const [file, all] of counts)
        if (all > MAX_TOLD) io.stderr.write(`${basename(file)}: ${all} lines cannot be read\n`)
      return isCut
    },
    get count() {
      return count
    },
  }
}
