// The runner's `authorization` mode against the embedded authorization server, in every revision. The runner waits for a
// person at a browser; a scripted one follows the address that it prints. It sends the secret of a client only where no
// client may come without one, which this server cannot do; so a second run goes through a proxy that leaves that out
// of the metadata, and says so.
import { spawn } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startWhole, type Whole } from '../../test/as/clients/whole.ts'
import { programOf } from '../../test/interop/harness/packages.ts'
import { freePort } from '../../test/support/free-port.ts'
import type { Scenarios } from './compare.ts'
import { readScenarios } from './runner.ts'
import { LEFT_METHOD, startSecretShim } from './secret-shim.ts'

const VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']
/** Those that must be among what ran. */
const SCENARIOS = ['authorization-code-grant', 'authorization-server-metadata-endpoint']
const RUN_LIMIT_MS = 60_000

type Kind = 'public' | 'confidential'

/** How many checks are not green; a scenario that did not run counts as one. */
export async function runAuthorization(results: string): Promise<number> {
  const direct = await startWhole()
  const shim = await startSecretShim(() => behind.gateway.origin)
  const behind = await startWhole({ publicUrl: shim.url })
  let failures = 0
  try {
    for (const version of VERSIONS) {
      const folder = join(results, 'authorization', version)
      const without = await runOnce(direct, 'public', version, folder)
      failures += report(`authorization ${version}, a client without a secret`, without)
      const withOne = await runOnce(behind, 'confidential', version, `${folder}-secret`)
      failures += report(
        `authorization ${version}, a client with a secret, where the metadata is made to offer ${LEFT_METHOD} alone`,
        withOne,
      )
    }
  } finally {
    await direct.close()
    await behind.close()
    await shim.close()
  }
  return failures
}

async function runOnce(whole: Whole, kind: Kind, version: string, folder: string): Promise<Scenarios> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const { id, secret } = await whole.operator.clients.add({
    name: 'conformance',
    redirectUris: [`http://127.0.0.1:${port}/callback`],
    isPublic: kind === 'public',
  })
  const program = programOf('@modelcontextprotocol/conformance', 'conformance')
  const about = ['--url', whole.origin, '--resource', whole.resource, '--spec-version', version]
  const client = ['--client-id', id, ...(secret === undefined ? [] : ['--client-secret', secret])]
  const places = ['--port', String(port), '--output-dir', folder]
  const child = spawn(process.execPath, [program, 'authorization', ...about, ...client, ...places], {
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
          // The runner ends when it was called back, often before it answers; what it saw is in its results.
          .then((back) => fetch(back).catch(() => undefined)),
      )
    }
  })
  return visits
}

/** Every check of every scenario that ran counts, and each of those that must. */
export function report(title: string, scenarios: Scenarios): number {
  const names = new Set([...SCENARIOS, ...scenarios.keys()])
  const checks = [...names].flatMap((name) => {
    const found = scenarios.get(name) ?? []
    const missing = [{ status: 'MISSING', errorMessage: 'the scenario did not run' }]
    return (found.length === 0 ? missing : found).map(({ status, errorMessage }) => ({
      name,
      status,
      errorMessage,
    }))
  })
  const green = checks.filter(({ status }) => status === 'SUCCESS')
  const told = checks.filter(({ status }) => status === 'INFO')
  const bad = checks.filter((check) => !green.includes(check) && !told.includes(check))
  const counts = `${scenarios.size} scenarios: success ${green.length}, info ${told.length}`
  console.log(`\n${title}\n  ${counts}, not green ${bad.length}`)
  for (const { name, status, errorMessage } of bad)
    console.log(`  not green: ${name}: ${status} (${errorMessage})`)
  return bad.length
}
