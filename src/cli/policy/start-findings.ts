// What would keep `portcullis run` from starting here although the file is right: paths that cannot be written, addresses
// that are taken, certificates that do not fit, data of a newer version. It changes nothing.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { newerDataProblem } from '../../as/store/open-data.ts'
import type { Address, Settings } from '../../core/settings.ts'
import { listeningProblem } from '../../gateway/listening-problem.ts'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { unwritablePath } from '../../lib/unwritable-path.ts'
import { askAdmin } from '../shared/ask-admin.ts'

const DATA = 'authorization_server.data'

/** One sentence for each. */
export async function startFindings(settings: Settings): Promise<readonly string[]> {
  const { assertionKeys, authorizationServer, tls } = settings
  const data = authorizationServer?.data
  const found = [
    ...auditProblems(settings),
    settings.audit.policies && placeProblem(settings.audit.policies, 'audit.policies'),
    assertionKeys &&
      (existsSync(assertionKeys.file) ? undefined : placeProblem(assertionKeys.file, 'assertions.keys')),
    data === undefined || isPostgresUrl(data) ? undefined : placeProblem(data, DATA),
    data === undefined ? undefined : newerData(data),
    tls && unusablePair(tls),
    ...(await takenAddresses(settings)),
  ]
  return found.filter((sentence) => sentence !== undefined)
}

function auditProblems({ audit, workers }: Settings): readonly (string | undefined)[] {
  const ocsfFile = audit.ocsf?.file
  const { file, chain } = audit
  const { anchor } = chain ?? {}
  const isMany = chain !== undefined && (workers ?? 1) !== 1
  return [
    file === 'stdout' ? undefined : placeProblem(isMany ? dirname(file) : file, 'audit.file'),
    ocsfFile === undefined ? undefined : placeProblem(ocsfFile, 'audit.ocsf.file'),
    chain && existsSync(chain.key) ? undefined : chain && placeProblem(chain.key, 'audit.key'),
    anchor && 'file' in anchor
      ? placeProblem(isMany ? dirname(anchor.file) : anchor.file, 'audit.anchor.file')
      : undefined,
  ]
}

/** Data of a newer version is found whether `--start` is asked for or not: it is wrong wherever the file is checked. */
export function newerData(data: string): string | undefined {
  try {
    return newerDataProblem(data)
  } catch (error) {
    return `${DATA}: ${data} cannot be read: ${messageOf(error)}`
  }
}

/** The file itself, or the nearest folder above it that is there, which `run` would make the others in. */
function placeProblem(file: string, key: string): string | undefined {
  let place = file
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  try {
    accessSync(place, place !== file ? constants.W_OK | constants.X_OK : constants.W_OK)
    return undefined
  } catch (error) {
    return unwritablePath(key, place, error)
  }
}

function unusablePair({ cert, key }: NonNullable<Settings['tls']>): string | undefined {
  try {
    createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) })
    return undefined
  } catch (error) {
    return `tls: ${cert} and ${key} cannot be used: ${messageOf(error)}`
  }
}

/** Nothing where the gateway of this very file is what listens there. */
async function takenAddresses(settings: Settings): Promise<readonly string[]> {
  const problems = [await listenOnce(settings.listen), await listenOnce(settings.admin.listen)]
  const taken = problems.filter((problem) => problem !== undefined)
  if (taken.length === 0 || (await askAdmin(settings.admin, '/healthz')) === 200) return []
  return taken
}

function listenOnce({ host, port }: Address): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(listeningProblem(error)))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
