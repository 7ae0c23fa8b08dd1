// What is wrong with an audit that was verified, in words, with its place.

export interface AuditFault {
  readonly file: string
  /** From 1; 0 where it is about the whole file, or about several. */
  readonly line: number
  readonly what: string
}

export interface AuditFaults {
  add(file: string, line: number, what: string): void
  /** The first of them. */
  readonly told: readonly AuditFault[]
  readonly count: number
}

/** One damage can break every line behind it. */
const MAX_TOLD_FAULTS = 100

export function createAuditFaults(): AuditFaults {
  const told: AuditFault[] = []
  let count = 0
  return {
    told,
    add(file, line, what) {
      count += 1
      if (told.length < MAX_TOLD_FAULTS) told.push({ file, line, what })
    },
    get count() {
      return count
    },
  }
}
