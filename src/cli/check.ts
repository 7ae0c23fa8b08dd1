// `portcullis check`: every problem of the file at once, found by the very code that `run` loads it with. It starts
// nothing and asks nobody on the network.
import { readArguments } from './arguments.ts'
import { EXIT, type Io, wrongUse } from './command.ts'
import { DEFAULT_CONFIG, readConfiguration, tellProblems } from './configuration.ts'

export const checkHelp = `portcullis check [-c ${DEFAULT_CONFIG}] [--json]

Reads the file as \`run\` would and prints every problem at once, with file, line and column.

  -c, --config FILE  the file (default: ./${DEFAULT_CONFIG})
  --json             print the problems as JSON

Exit codes: 0 it would run (warnings are printed), 78 it would not.
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  json: { type: 'boolean', default: false },
} as const

export async function check(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'check', read.message)
  const { config, json } = read.values
  const loaded = readConfiguration(config, io)
  const problems = loaded.ok ? loaded.warnings : loaded.problems
  if (json) io.stdout.write(`${JSON.stringify({ ok: loaded.ok, problems }, null, 2)}\n`)
  else tellProblems(problems, io)
  if (!loaded.ok) {
    const errors = problems.filter(({ severity }) => severity === 'error').length
    if (!json) io.stderr.write(`${plural(errors, 'problem')}; mend the file and check it again\n`)
    return EXIT.brokenFile
  }
  if (!json) io.stdout.write(`${config} is fine: ${summary(loaded.settings)}\n`)
  return EXIT.fine
}

function summary({ routes, issuers }: { routes: readonly unknown[]; issuers: ReadonlyMap<string, unknown> }) {
  return `${plural(routes.length, 'route')}, ${plural(issuers.size, 'issuer')}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
