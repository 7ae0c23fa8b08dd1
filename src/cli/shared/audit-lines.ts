// The bytes of an audit file as lines, each with its number. A line that cannot be read is told and does not stop the
// reading. It holds one line at a time, of bounded length, and opens no file.
import { membersOf, parseJson } from '../../lib/json.ts'
import { MAX_AUDIT_LINE_BYTES } from '../../observe/audit-line.ts'
import { type AuditRecord, textIn } from '../../observe/audit-record.ts'

export interface AuditFileLine {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** As it stands in the file, without its end. */
  readonly text: string
  readonly record: AuditRecord
  /** When it was written, in epoch milliseconds. */
  readonly at: number
}

/** A place that cannot be read. */
export interface AuditDamage {
  readonly file: string
  /** Of the line, counted from 1; the last one before the place where a whole file ends early. */
  readonly line: number
  readonly damage: string
  /** Whether the rest of the file is lost with it. */
  readonly isRest?: true
}

export type AuditReading = AuditFileLine | AuditDamage

export function isDamage(reading: AuditReading): reading is AuditDamage {
  return 'damage' in reading
}

const NEWLINE = 0x0a

export interface AuditLineReader {
  /** Returns what the next bytes of the file complete, in order. Lines of other streams are left out. */
  push(bytes: Uint8Array): readonly AuditReading[]
  /** Counts the lines of bytes that nobody wants to read. */
  skip(bytes: Uint8Array): void
  /** Call it at the end of the file: returns the line that has no end, if it can be read or is damaged. */
  end(): readonly AuditReading[]
  /** How many lines were complete. */
  readonly lines: number
}

export function createAuditLineReader(file: string): AuditLineReader {
  let parts: Uint8Array[] = []
  let length = 0
  let lines = 0
  const keep = (part: Uint8Array) => {
    length += part.length
    if (length > MAX_AUDIT_LINE_BYTES) parts = []
    else if (part.length > 0) parts.push(part)
  }
  const finish = (): readonly AuditReading[] => {
    const isLong = length > MAX_AUDIT_LINE_BYTES
    const text = Buffer.concat(parts).toString('utf8')
    parts = []
    length = 0
    if (isLong) return [{ file, line: lines, damage: 'longer than 16 MiB' }]
    return readLine(file, lines, text)
  }
  return {
    push(bytes) {
      const found: AuditReading[] = []
      let from = 0
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
        keep(bytes.subarray(from, at))
        lines += 1
        found.push(...finish())
        from = at + 1
      }
      keep(Uint8Array.from(bytes.subarray(from)))
      return found
    },
    skip(bytes) {
      let from = 0
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
        lines += 1
        parts = []
        length = 0
        from = at + 1
      }
      keep(Uint8Array.from(bytes.subarray(from)))
    },
    end() {
      if (length === 0) return []
      lines += 1
      return finish()
    },
    get lines() {
      return lines
    },
  }
}

function readLine(file: string, line: number, text: string): readonly AuditReading[] {
  if (text.trim() === '') return []
  const record = membersOf(parseJson(text))
  if (record === undefined) return [{ file, line, damage: 'no JSON object' }]
  if (record['stream'] !== 'audit') return []
  const at = Date.parse(textIn(record, 'time'))
  if (Number.isNaN(at)) return [{ file, line, damage: 'it has no time' }]
  return [{ file, line, text, record, at }]
}
