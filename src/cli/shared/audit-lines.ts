// The lines of an audit file, one object each, read as a stream. Keeps none; what they mean is for the caller.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type JsonMembers, membersOf, parseJson } from '../../lib/json.ts'

export type AuditRecord = JsonMembers

/** Undefined for a line that is no object. Throws what opening or reading a file throws. */
export async function* auditRecords(files: readonly string[]): AsyncGenerator<AuditRecord | undefined> {
  for (const file of files) {
    const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })
    for await (const text of lines) if (text.trim() !== '') yield membersOf(parseJson(text))
  }
}

/** Whether a record is of the audit and not from before `since` (epoch milliseconds). */
export function isSince(record: AuditRecord, since: number): boolean {
  return record['stream'] === 'audit' && Date.parse(memberOf(record, 'time')) >= since
}

/** Text, or nothing. */
export function memberOf(record: AuditRecord, name: string): string {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

/** Several targets stand in a list. */
export function targetIn(record: AuditRecord): string {
  const { target } = record
  return Array.isArray(target)
    ? target.filter((name) => typeof name === 'string').join(' ')
    : memberOf(record, 'target')
}

export function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : []
}
