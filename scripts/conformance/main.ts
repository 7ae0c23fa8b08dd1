// Runs the official suite straight at an upstream and through the gateway, and prints every check that differs.
// Fails when one is worse through the gateway, or when the header checks of 2026-07-28, which the gateway makes
// itself (SEP-2243), are not all green. It never judges an upstream. Then the suite for authorization servers, against
// the one that the gateway brings: there every check has to be green.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startGateway } from '../../test/interop/harness/gateway.ts'
import { installPackages } from '../../test/interop/harness/packages.ts'
import { runAuthorization } from './authorization.ts'
import { compareRuns, type Difference, type Scenarios } from './compare.ts'
import { nameOf, runSuite, SELECTIONS, type Selection } from './runner.ts'
import { startShim } from './shim.ts'
import { UPSTREAMS, type UpstreamDefinition } from './upstreams.ts'

const RESULTS = join(import.meta.dirname, '../../build/conformance')
/** In place of an upstream: the embedded authorization server. */
const AUTHORIZATION = 'authorization'
const HEADER_SCENARIO = 'http-header-validation'

const USAGE = `conformance [--upstream ${AUTHORIZATION}| ${Object.keys(UPSTREAMS).join('|')}]… [--only ${SELECTIONS.map(nameOf).join('|')}]…
`

/** The exit code: 0 nothing is worse, 1 something is, 2 wrong use. */
export async function main(args: readonly string[]): Promise<number> {
  const chosen = readChoice(args)
  if (chosen === undefined) {
    process.stderr.write(USAGE)
    return 2
  }
  installPackages()
  let worse = 0
  for (const [name, definition] of chosen.upstreams) {
    worse += await compareUpstream(name, definition, chosen.selections)
  }
  const red = chosen.authorization ? await runAuthorization(RESULTS) : 0
  console.log(worse === 0 ? '\nnothing is worse through the gateway' : `\n${worse} worse through the gateway`)
  if (red > 0) console.log(`${red} checks of the authorization server are not green`)
  return worse + red === 0 ? 0 : 1
}

interface Choice {
  readonly upstreams: readonly [string, UpstreamDefinition][]
  readonly selections: readonly Selection[]
  readonly authorization: boolean
}

/** Undefined when a name is unknown. */
function readChoice(args: readonly string[]): Choice | undefined {
  const options = {
    upstream: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
  } as const
  const { upstream, only } = parseArgs({ args: [...args], options }).values
  const upstreams = Object.entries(UPSTREAMS).filter(([name]) => upstream?.includes(name) ?? true)
  const selections = SELECTIONS.filter((selection) => only?.includes(nameOf(selection)) ?? true)
  const authorization = only === undefined && (upstream?.includes(AUTHORIZATION) ?? true)
  const targets = upstreams.length + (authorization ? 1 : 0)
  const known = targets >= (upstream?.length ?? 1) && selections.length >= (only?.length ?? 1)
  return known ? { upstreams, selections, authorization } : undefined
}

/** How many checks are worse. */
async function compareUpstream(
  name: string,
  { modern, only, start }: UpstreamDefinition,
  selections: readonly Selection[],
): Promise<number> {
  const upstream = await start()
  const gateway = await startGateway([{ name, url: upstream.url }])
  const shim = await startShim(gateway.url(name), await gateway.token(name))
  let worse = 0
  try {
    for (const selection of selections) {
      if (only !== undefined && only !== nameOf(selection)) continue
      const folder = join(RESULTS, name, nameOf(selection))
      const direct = await runSuite(upstream.url, selection, join(folder, 'direct'))
      const through = await runSuite(shim.url, selection, join(folder, 'gateway'))
      worse += report(`${name} ${nameOf(selection)}`, direct, through)
      if (modern) worse += reportHeaders(through)
    }
  } catch (error) {
    console.error(gateway.output())
    throw error
  } finally {
    await shim.close()
    await gateway.stop()
    await upstream.stop()
  }
  return worse
}

function report(title: string, direct: Scenarios, through: Scenarios): number {
  const differences = compareRuns(direct, through)
  console.log(`\n${title}\n  direct   ${summary(direct)}\n  gateway  ${summary(through)}`)
  for (const difference of differences) console.log(`  ${line(difference)}`)
  return differences.filter(({ verdict }) => verdict === 'worse').length
}

/** M34 to M42. Nothing to say when the run holds no such scenario. */
function reportHeaders(through: Scenarios): number {
  const failed = (through.get(HEADER_SCENARIO) ?? []).filter(({ status }) => status !== 'SUCCESS')
  for (const { name, status, errorMessage } of failed) {
    console.log(`  not green: ${HEADER_SCENARIO} / ${name}: ${status} (${errorMessage})`)
  }
  return failed.length
}

function summary(scenarios: Scenarios): string {
  const counts = new Map<string, number>()
  for (const { status } of [...scenarios.values()].flat()) counts.set(status, (counts.get(status) ?? 0) + 1)
  const totals = [...counts].sort().map(([status, count]) => `${status.toLowerCase()} ${count}`)
  return `${scenarios.size} scenarios: ${totals.join(', ')}`
}

function line({ verdict, scenario, check, direct, gateway, message }: Difference): string {
  const change = `${verdict}: ${scenario} / ${check}: ${direct} -> ${gateway}`
  return message === undefined ? change : `${change} (${message})`
}
