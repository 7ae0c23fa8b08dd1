// The runner's `authorization` mode against the embedded authorization server, in every revision. The runner waits for a
// person at a browser; a scripted one follows the address that it prints. The client has no secret: where a server takes
// clients without one, as this must, the runner never sends the secret of a client that has one.
import { spawn } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startWhole, type Whole } from '../../test/as/clients/whole.ts'
import { freePort } from '../../test/interop/harness/child.ts'
import { programOf } from '../../test/interop/harness/packages.ts'
import type { Scenarios } from './compare.ts'
import { readScenarios } from './runner.ts'

const VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']
const SCENARIOS = ['authorization-code-grant', 'authorization-server-metadata-endpoint']
const RUN_LIMIT_MS = 60_000

/** How many checks are not green; a scenario that did not run counts as one. */
export async function runAuthorization(results: string): Promise<number> {
  const whole = await startWhole()
  let failures = 0
  try {
    for (const version of VERSIONS) {
      const scenarios = await runOnce(whole, version, join(results, 'authorization', version))
      failures += report(`authorization ${version}`, scenarios)
    }
  } finally {
    await whole.close()
  }
  return failures
}

async function runOnce(whole: Whole, version: string, folder: string): Promise<Scenarios> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const { id } = whole.operator.clients.add({
    name: 'conformance',
    redirectUris: [`http://127.0.0.1:${port}/callback`],
    isPublic: true,
  })
  const program = programOf('@modelcontextprotocol/conformance', 'conformance')
  const about = ['--url', whole.origin, '--resource', whole.resource, '--spec-version', version]
  const places = ['--port', String(port), '--output-dir', folder]
  const child = spawn(process.execPath, [program, 'authorization', ...about, '--client-id', id, ...places], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: RUN_LIMIT_MS,
    cwd: folder,
  })
  const visits = followPrinted(child.stdout, whole)
  await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject))
  await Promise.all(visits)
  return await readScenarios(folder, 'authorization-server')
}

/** Signs in, agrees, and lets the browser go back to the runner. */
function followPrinted(output: NodeJS.ReadableStream, whole: Whole): readonly Promise<unknown>[] {
  const visits: Promise<unknown>[] = []
  let rest = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((one) => one.startsWith(`${whole.origin}/authorize?`))) {
      visits.push(
        whole
          .person()
          .browse(new URL(line.trim()))
          .then((back) => fetch(back)),
      )
    }
  })
  return visits
}

function report(title: string, scenarios: Scenarios): number {
  const checks = SCENARIOS.flatMap((name) => {
    const found = scenarios.get(name) ?? []
    const missing = [{ status: 'MISSING', errorMessage: 'the scenario did not run' }]
    return (found.length === 0 ? missing : found).map(({ status, errorMessage }) => ({
      name,
      status,
      errorMessage,
    }))
  })
  const bad = checks.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')
  console.log(`\n${title}\n  ${scenarios.size} scenarios: success ${checks.length - bad.length}`)
  for (const { name, status, errorMessage } of bad)
    console.log(`  not green: ${name}: ${status} (${errorMessage})`)
  return bad.length
}
