// `portcullis check`: every problem of the file at once, found by the very code that `run` loads it with. It starts
// nothing, and asks nobody on the network but upstreams and issuers, with `--upstream`, and its own machine, with `--start`.
import type { Problem } from '../../config/problem.ts'
import type { Settings } from '../../core/settings.ts'
import { createIssuer } from '../../token/issuer.ts'
import { scopeFindings } from '../../token/scope-findings.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'
import { checkUpstreams, formatCoverage } from './check-upstream.ts'
import { runPolicyTests, type TestOutcome } from './policy-tests.ts'
import { newerData, startFindings } from './start-findings.ts'
import type { Coverage } from './upstream-coverage.ts'

export const summary = 'every problem of the file at once'
export const help = `portcullis check [-c ${DEFAULT_CONFIG}] [--start] [--upstream [--strict]] [--json]

Reads the file as \`run\` would and prints every problem at once, with file, line and column. Then it runs the
\`tests\` of each route against its policy, as if everything were enforced.

  -c, --config FILE  the file (default: ./${DEFAULT_CONFIG})
  --start            also look whether \`run\` could start here, as this user: paths that it writes, addresses that it
                     listens on, the certificate, the version of the data
  --upstream         also ask each upstream what it lists: what rules speak of it, and which rules meet nothing; and each
                     issuer which scopes it lists: those that a route names and none of its issuers knows
  --strict           with --upstream: a tool, prompt or resource that no rule speaks of is a finding, and such a scope
  --json             print the problems as JSON

Exit codes: 0 it would run (warnings are printed), 1 a finding, a failed test, or an upstream that could not be
asked, 78 the file is broken.
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  start: { type: 'boolean', default: false },
  upstream: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'check', read.message)
  const { config, json, start, upstream, strict } = read.values
  if (strict && !upstream) return wrongUse(io, 'check', '--strict goes with --upstream')
  const loaded = readConfiguration(config, io)
  if (!loaded.ok) return tellBroken(loaded.problems, json, io)
  const { settings, warnings: problems } = loaded
  const found: Found = {
    tests: runPolicyTests(settings, Date.now()),
    coverages: upstream ? await checkUpstreams(settings, io) : [],
    scopes: upstream ? await unlistedScopes(settings) : [],
    obstacles: start ? await startFindings(settings) : newerDataOf(settings),
  }
  const ok = isFine(found, strict)
  if (json) {
    const told = toldAsData(found, { start, upstream })
    io.stdout.write(`${JSON.stringify({ ok, problems, ...told }, null, 2)}\n`)
  } else {
    printProblems(problems, io)
    tellFound(config, settings, found, io)
  }
  return ok ? EXIT.fine : EXIT.finding
}

/** What is not wrong in the file itself. */
interface Found {
  readonly tests: readonly TestOutcome[]
  /** Of each upstream; undefined where it could not be asked. */
  readonly coverages: readonly (Coverage | undefined)[]
  /** A sentence for each scope that no issuer lists. */
  readonly scopes: readonly string[]
  /** A sentence for each thing that would keep `run` from starting here. */
  readonly obstacles: readonly string[]
}

function isFine({ tests, coverages, scopes, obstacles }: Found, strict: boolean): boolean {
  const isCoveredWhole = coverages.every(
    (each) => each !== undefined && !(strict && each.unmapped.length > 0),
  )
  const isListed = !strict || scopes.length === 0
  return tests.every((test) => test.ok) && isCoveredWhole && isListed && obstacles.length === 0
}

function toldAsData(
  { tests, coverages, scopes, obstacles }: Found,
  { start, upstream }: { readonly start: boolean; readonly upstream: boolean },
): object {
  return {
    ...(tests.length === 0 ? {} : { tests }),
    ...(upstream ? { upstreams: coverages, scopes } : {}),
    ...(start || obstacles.length > 0 ? { start: obstacles } : {}),
  }
}

function tellFound(config: string, settings: Settings, found: Found, io: Io): void {
  const { tests, coverages, scopes, obstacles } = found
  io.stderr.write(obstacles.map((sentence) => `it would not start: ${sentence}\n`).join(''))
  tellOutcome(config, verdictLine(settings), tests, io)
  io.stdout.write(coverages.map(formatCoverage).join(''))
  io.stdout.write(scopes.map((sentence) => `${sentence}\n`).join(''))
}

function newerDataOf({ authorizationServer }: Settings): readonly string[] {
  const problem = authorizationServer && newerData(authorizationServer.data)
  return problem === undefined ? [] : [problem]
}

/** What the issuers of the file say of themselves; one that cannot be asked says nothing. */
async function unlistedScopes(settings: Settings): Promise<readonly string[]> {
  const issuers = new Map(
    [...settings.issuers]
      .filter(([, { embedded }]) => !embedded)
      .map(([name, issuer]) => [name, createIssuer(issuer)] as const),
  )
  try {
    return await scopeFindings(settings, issuers)
  } finally {
    for (const issuer of issuers.values()) await issuer.close()
  }
}

function tellBroken(problems: readonly Problem[], json: boolean, io: Io): number {
  if (json) io.stdout.write(`${JSON.stringify({ ok: false, problems }, null, 2)}\n`)
  else {
    printProblems(problems, io)
    const errors = problems.filter(({ severity }) => severity === 'error').length
    io.stderr.write(`${plural(errors, 'problem')}; mend the file and check it again\n`)
  }
  return EXIT.brokenFile
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

function verdictLine({
  routes,
  issuers,
}: {
  routes: readonly unknown[]
  issuers: ReadonlyMap<string, unknown>
}) {
  return `${plural(routes.length, 'route')}, ${plural(issuers.size, 'issuer')}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
