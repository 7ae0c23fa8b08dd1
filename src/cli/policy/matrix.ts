// `portcullis matrix`: who may use what with which scopes, as text, CSV, Markdown or JSON.
import type { MatrixLine } from '../../policy/matrix.ts'
import { matrixOf } from '../../policy/matrix.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'

export const summary = 'who may use what, with which scopes'
export const help = `portcullis matrix [-c ${DEFAULT_CONFIG}] [--route NAME] [--csv | --markdown | --json]

Prints who may use each tool, prompt and resource that the rules name, and with which scopes. Each line is one way
in, or one denial; what no line speaks of is denied.

  -c, --config FILE  the file (default: ./${DEFAULT_CONFIG})
  --route NAME       only this route
  --csv, --markdown, --json

Exit codes: 0 printed, 78 a broken file.
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  route: { type: 'string' },
  csv: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

const HEADINGS = ['route', 'kind', 'target', 'who', 'scopes', 'when', 'rule'] as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'matrix', read.message)
  const { config, route, csv, markdown, json } = read.values
  if ([csv, markdown, json].filter(Boolean).length > 1) {
    return wrongUse(io, 'matrix', 'choose one of --csv, --markdown and --json')
  }
  const loaded = readConfiguration(config, io)
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const routes = loaded.settings.routes.filter(({ name }) => route === undefined || name === route)
  if (routes.length === 0) return wrongUse(io, 'matrix', 'no route has this name')
  const lines = routes.flatMap(matrixOf)
  const render = csv ? toCsv : markdown ? toMarkdown : toText
  io.stdout.write(
    json ? `${JSON.stringify(lines, null, 2)}\n` : render([[...HEADINGS], ...lines.map(cellsOf)]),
  )
  return EXIT.fine
}

type Cells = readonly string[]

function cellsOf(line: MatrixLine): Cells {
  const { route, kind, target, who, when, rule } = line
  return [route, kind, target, who, tellScopes(line), when, rule]
}

function tellScopes({ effect, scopes, observed, approvers }: MatrixLine): string {
  if (effect === 'deny') return observed ? 'denied (only observed)' : 'denied'
  const sets = scopes.map((set) => (set.length === 0 ? 'none' : set.join(' + '))).join(', or ')
  const needed = approvers === undefined ? sets : `${sets}; with approval by ${approvers}`
  return observed ? `${needed} (only observed)` : needed
}

function toText(rows: readonly Cells[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe instead. */
function toCsv(rows: readonly Cells[]): string {
  const cell = (text: string) => {
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
  }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function toMarkdown(rows: readonly Cells[]): string {
  const [head = [], ...body] = rows
  const cell = (text: string) => text.replace(/[\\|*_<`]/g, '\\$&').replace(/\s+/g, ' ')
  const line = (row: Cells) => `| ${row.map(cell).join(' | ')} |\n`
  return `${line(head)}|${'---|'.repeat(head.length)}\n${body.map(line).join('')}`
}
