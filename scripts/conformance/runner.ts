// Runs the official conformance runner once against one URL and reads the checks that it wrote. Its exit code
// is never the verdict: it stays 0 with whole methods blocked.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { programOf } from '../../test/interop/harness/packages.ts'
import type { Check, Scenarios } from './compare.ts'

/** Longer than any run ever took here, by a factor of ten. */
const RUN_LIMIT_MS = 300_000

/** What to run: every scenario of a revision, or the frozen set that a revision requires. */
export type Selection = { readonly specVersion: string } | { readonly requirements: string }

export const SELECTIONS: readonly Selection[] = [
  { specVersion: '2025-03-26' },
  { specVersion: '2025-06-18' },
  { specVersion: '2025-11-25' },
  { specVersion: '2026-07-28' },
  { requirements: '2025-11-25' },
  { requirements: '2026-07-28' },
]

export function nameOf(selection: Selection): string {
  return 'specVersion' in selection ? selection.specVersion : `${selection.requirements}-required`
}

/** `folder` is emptied first, and keeps the runner's own files and its output afterwards. */
export async function runSuite(url: string, selection: Selection, folder: string): Promise<Scenarios> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const chosen =
    'specVersion' in selection
      ? ['--suite', 'all', '--spec-version', selection.specVersion]
      : ['--requirements', selection.requirements]
  const program = programOf('@modelcontextprotocol/conformance', 'conformance')
  const args = [program, 'server', '--url', url, ...chosen, '--output-dir', folder]
  const child = spawn(process.execPath, args, { stdio: 'ignore', timeout: RUN_LIMIT_MS, cwd: folder })
  await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject))
  if (child.signalCode !== null) throw new Error(`the runner was ended after ${RUN_LIMIT_MS} ms`)
  const scenarios = await readScenarios(folder, 'server')
  if (scenarios.size === 0) throw new Error(`the runner wrote no results for ${url}`)
  return scenarios
}

/** Folders are named `<mode>-<scenario>-<time>`. */
export async function readScenarios(folder: string, mode: string): Promise<Scenarios> {
  const named = new RegExp(`^${mode}-(.+)-\\d{4}-\\d\\d-\\d\\dT[\\d-]+Z$`)
  const scenarios = new Map<string, readonly Check[]>()
  for (const name of (await readdir(folder)).sort()) {
    const scenario = named.exec(name)?.[1]
    if (scenario === undefined) continue
    scenarios.set(scenario, await readChecks(join(folder, name, 'checks.json')))
  }
  return scenarios
}

/** A scenario that crashed in the runner leaves a folder without results. */
async function readChecks(file: string): Promise<readonly Check[]> {
  if (!existsSync(file)) return [{ id: 'no-results', name: 'ScenarioCrashed', status: 'FAILURE' }]
  return JSON.parse(await readFile(file, 'utf8'))
}
