// A record of the audit as one line of text: `2026-11-29 14:03:11Z ada · desk · notes · purge_note · refused: … · ID`.
// Names that strangers chose can neither act on a terminal nor look like another part of the line.
import { auditEntry } from '../../observe/audit-words.ts'
import { SEPARATOR, shownPart, shownSentence } from './access-line.ts'
import type { AuditFileLine } from './audit-lines.ts'

/** Select Graphic Rendition. */
const REFUSED = '\x1b[33m'
const PLAIN = '\x1b[0m'

export function auditLineInWords({ record, at }: AuditFileLine, colour: boolean): string {
  const { kind, who, client, route, what, outcome, requestId } = auditEntry(record)
  const names = [who, client, route, what].filter((name) => name !== '').map(shownPart)
  const id = requestId === '' ? [] : [shownPart(requestId)]
  const line = `${clock(at)} ${[...names, shownSentence(outcome), ...id].join(SEPARATOR)}`
  return colour && kind === 'refused' ? `${REFUSED}${line}${PLAIN}` : line
}

/** To the second; the line itself has the rest. */
function clock(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`
}
