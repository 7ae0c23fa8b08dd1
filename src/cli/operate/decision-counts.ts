// Decisions of an audit by tool, by person, by client and by reason: how many were allowed and refused of each. The number
// of names is bounded, since callers may choose them.
import { type AuditRecord, callsIn, textIn } from '../../observe/audit-record.ts'

export interface NameCount {
  /** Empty for callers and clients that nothing proved. */
  readonly name: string
  readonly allowed: number
  readonly refused: number
  /** ISO 8601, of the last one. */
  readonly last: string
}

/** Most frequent first. */
export interface DecisionCounts {
  readonly byTool: readonly NameCount[]
  readonly byPerson: readonly NameCount[]
  readonly byClient: readonly NameCount[]
  /** Of refusals alone; a rejected token with the check that failed. */
  readonly byReason: readonly NameCount[]
}

const MAX_NAMES = 10_000

export function createDecisionCounts() {
  const [tools, people, clients, reasons] = [createCounts(), createCounts(), createCounts(), createCounts()]
  return {
    /** @param record a decision */
    take(record: AuditRecord) {
      for (const tool of toolsIn(record)) tools.add(tool, record)
      people.add(personIn(record), record)
      clients.add(textIn(record, 'client'), record)
      const reason = [textIn(record, 'reason'), textIn(record, 'check')]
        .filter((word) => word !== '')
        .join(' ')
      if (reason !== '') reasons.add(reason, record)
    },
    all: (): DecisionCounts & { readonly leftOut: number } => ({
      ...{ byTool: tools.all(), byPerson: people.all() },
      ...{ byClient: clients.all(), byReason: reasons.all() },
      leftOut: [tools, people, clients, reasons].reduce((sum, counts) => sum + counts.leftOut(), 0),
    }),
  }
}

function toolsIn(record: AuditRecord): ReadonlySet<string> {
  const calls = callsIn(record).filter(({ method }) => method === 'tools/call')
  return new Set(calls.flatMap(({ targets }) => targets))
}

/** Subjects of different issuers are different people. */
function personIn(record: AuditRecord): string {
  const [subject, issuer] = [textIn(record, 'subject'), textIn(record, 'issuer')]
  return issuer === '' ? subject : `${subject} at ${issuer}`
}

function createCounts() {
  const counts = new Map<string, { name: string; allowed: number; refused: number; last: string }>()
  let leftOut = 0
  return {
    add(name: string, record: AuditRecord) {
      const tally = counts.get(name) ?? { name, allowed: 0, refused: 0, last: '' }
      if (counts.size >= MAX_NAMES && !counts.has(name)) {
        leftOut += 1
        return
      }
      counts.set(name, tally)
      tally[record['decision'] === 'refused' ? 'refused' : 'allowed'] += 1
      tally.last = textIn(record, 'time')
    },
    all: (): readonly NameCount[] =>
      [...counts.values()].sort((a, b) => b.allowed + b.refused - a.allowed - a.refused),
    leftOut: () => leftOut,
  }
}
