// A line of the audit as a program reads it back, and what is asked of it. Members that are missing or of another kind
// are empty, since lines may come from another version. It reads no file.
import { hasMembers, type JsonMembers } from '../lib/json.ts'

export type AuditRecord = JsonMembers

/** Text, or nothing. */
export function textIn(record: AuditRecord, name: string): string {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

/** The texts of a list; none where there is no list. */
export function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : []
}

/** One call as a line has it. A line of a batch has several. */
export interface RecordedCall {
  readonly method: string
  readonly targets: readonly string[]
  /** Targets that the line had no room for. */
  readonly leftOut: number
}

export function callsIn(record: AuditRecord): readonly RecordedCall[] {
  const { calls, method, target } = record
  if (!Array.isArray(calls)) return method === undefined && target === undefined ? [] : [callIn(record)]
  return calls.filter(hasMembers).map(callIn)
}

function callIn(members: AuditRecord): RecordedCall {
  const { target, target_left_out: leftOut } = members
  return {
    method: textIn(members, 'method'),
    targets: typeof target === 'string' ? [target] : namesIn(target),
    leftOut: typeof leftOut === 'number' ? leftOut : 0,
  }
}

/** Every name that the calls of a line name, with blanks between. */
export function targetIn(record: AuditRecord): string {
  return callsIn(record)
    .flatMap(({ targets }) => targets)
    .join(' ')
}

/** Whether a call was decided on: not an admission, and not an event of another kind. */
export function isDecision(record: AuditRecord): boolean {
  return record['event'] === 'decision'
}
