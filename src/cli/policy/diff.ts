// `portcullis diff`: what an edit of the file opens and what it closes. Exit 1 when it opens anything.
import { diffSettings, type PolicyChange } from '../../policy/diff.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'

export const summary = 'what an edit of the file opens and closes'
export const help = `portcullis diff OLD [NEW] [--json]

Compares what two versions of the file allow, for every name and pattern that either of them mentions, each caller
that they tell apart and each set of scopes. A condition that changed counts as wider. NEW is ./${DEFAULT_CONFIG}
unless it is named.

  git show HEAD:gateway.yaml > before.yaml && portcullis diff before.yaml

  --json             print the changes as JSON

Exit codes: 0 nothing is wider, 1 something is, 78 a broken file.
`

const OPTIONS = { json: { type: 'boolean', default: false } } as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 2)
  if (!read.ok) return wrongUse(io, 'diff', read.message)
  const [old, fresh = DEFAULT_CONFIG] = read.positionals
  if (old === undefined) return wrongUse(io, 'diff', 'needs the older file')
  const [before, after] = [readConfiguration(old, io), readConfiguration(fresh, io)]
  if (!before.ok || !after.ok) {
    for (const loaded of [before, after]) if (!loaded.ok) printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const changes = diffSettings(before.settings, after.settings)
  io.stdout.write(read.values.json ? `${JSON.stringify(changes, null, 2)}\n` : tell(changes))
  return changes.some(({ direction }) => direction === 'widens') ? EXIT.finding : EXIT.fine
}

function tell(changes: readonly PolicyChange[]): string {
  if (changes.length === 0) return 'nothing is wider and nothing is narrower\n'
  const sorted = changes.toSorted((a, b) => b.direction.localeCompare(a.direction))
  return sorted.map((change) => `${tellChange(change)}\n`).join('')
}

function tellChange({ direction, route, about, who, scopes, before, after }: PolicyChange): string {
  const caller = who === '' ? '' : ` for ${who}`
  const held =
    scopes === undefined ? '' : scopes.length === 0 ? ' without scopes' : ` with ${scopes.join(' + ')}`
  return `${direction.padEnd(7)}  ${route}: ${about}${caller}${held}: ${before} → ${after}`
}
