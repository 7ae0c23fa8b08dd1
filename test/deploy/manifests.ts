// What the tests of deploy/ share: programs that a machine may lack, and manifests decoded against the types of
// Kubernetes, the Gateway API and the Prometheus operator (strict/main.go names their versions).
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import { missingCommand } from '../interop/world/contract.ts'

export const ROOT = join(import.meta.dirname, '../..')
export const DEPLOY = join(ROOT, 'deploy')
const BUILD = join(ROOT, 'build/deploy')

/** The reason why one of these programs is not here, printed, or undefined. */
export function missing(
  ...programs: readonly (readonly [command: string, version: string])[]
): string | undefined {
  const reason = programs
    .map(([command, version]) => missingCommand(command, version.split(' '), command))
    .find((text) => text !== undefined)
  if (reason !== undefined) console.warn(`skipped: ${reason}`)
  return reason
}

export interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  // strict/main.go has checked their types; here they are read by path.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly spec: any
  readonly data: { readonly 'gateway.yaml': string }
}

/** Decodes all strictly, or throws what the decoder says. */
export function decode(yaml: string): readonly Manifest[] {
  const program = join(BUILD, 'strict')
  mkdirSync(BUILD, { recursive: true })
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: join(import.meta.dirname, 'strict'),
    stdio: 'pipe',
  })
  const decoded = spawnSync(program, { input: yaml, encoding: 'utf8' })
  if (decoded.status !== 0) throw new Error(decoded.stderr)
  const manifests = read(yaml)
  const names = decoded.stdout.trim().split('\n')
  if (names.length !== manifests.length)
    throw new Error(`${names.length} of ${manifests.length} were decoded`)
  return manifests
}

function read(yaml: string): readonly Manifest[] {
  const documents = parseAllDocuments(yaml)
  if ('empty' in documents) return []
  return documents.map((document) => document.toJS() as Manifest).filter((manifest) => manifest !== null)
}

export function of(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.find(
    (one) => one.kind === kind && (name === undefined || one.metadata.name === name),
  )
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ''}`)
  return found
}

const ENV = {
  SESSION_KEY: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T',
  COOKIE_SECRET: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T',
  ADMIN_TOKEN: 'admin-token',
  STATE_PASSWORD: 'state-password',
  DATABASE_PASSWORD: 'database-password',
}

/** The problems of a gateway.yaml, as text; empty where `run` takes it. */
export function problemsOf(yaml: string): readonly string[] {
  const loaded = parseConfig(yaml, { file: '/etc/portcullis/gateway.yaml', env: ENV })
  return loaded.ok ? [] : loaded.problems.map(renderProblem)
}
