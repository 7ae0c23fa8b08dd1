// `portcullis check`: every problem of the file at once, found by the very code that `run` loads it with. It starts
// nothing and asks nobody on the network.
import { readArguments } from './arguments.ts'
import { EXIT, type Io, wrongUse } from './command.ts'
import { DEFAULT_CONFIG, readConfiguration, tellProblems } from './configuration.ts'
import { runPolicyTests, type TestOutcome } from './policy-tests.ts'

export const checkHelp = `portcullis check [-c ${DEFAULT_CONFIG}] [--json]

Reads the file as \`run\` would and prints every problem at once, with file, line and column. Then it runs the
\`tests\` of each route against its policy, as if everything were enforced.

  -c, --config FILE  the file (default: ./${DEFAULT_CONFIG})
  --json             print the problems as JSON

Exit codes: 0 it would run (warnings are printed), 1 a test failed, 78 it would not run.
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
  const outcomes = loaded.ok ? runPolicyTests(loaded.settings, Date.now()) : []
  const failed = outcomes.filter(({ ok }) => !ok)
  if (json) {
    const tests = outcomes.length === 0 ? {} : { tests: outcomes }
    const ok = loaded.ok && failed.length === 0
    io.stdout.write(`${JSON.stringify({ ok, problems, ...tests }, null, 2)}\n`)
  } else tellProblems(problems, io)
  if (!loaded.ok) {
    const errors = problems.filter(({ severity }) => severity === 'error').length
    if (!json) io.stderr.write(`${plural(errors, 'problem')}; mend the file and check it again\n`)
    return EXIT.brokenFile
  }
  if (!json) tellOutcome(config, summary(loaded.settings), outcomes, io)
  return failed.length === 0 ? EXIT.fine : EXIT.finding
}

function tellOutcome(config: string, summary: string, outcomes: readonly TestOutcome[], io: Io): void {
  const failed = outcomes.filter(({ ok }) => !ok)
  for (const { route, name, expected, got } of failed) {
    io.stderr.write(`test failed: ${route}: ${name}\n    expected ${expected}\n    got      ${got}\n`)
  }
  const tests = outcomes.length === 0 ? '' : `, ${plural(outcomes.length, 'test')}`
  if (failed.length === 0) io.stdout.write(`${config} is fine: ${summary}${tests}\n`)
  else
    io.stderr.write(
      `${failed.length} of ${plural(outcomes.length, 'test')} failed; mend the policy or the test\n`,
    )
}

function summary({ routes, issuers }: { routes: readonly unknown[]; issuers: ReadonlyMap<string, unknown> }) {
  return `${plural(routes.length, 'route')}, ${plural(issuers.size, 'issuer')}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
