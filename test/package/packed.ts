// `npm pack` in a copy of the project as git sees it, as a fresh clone would do it: what is built already stays out.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { plainEnvironment } from './runtimes.ts'

const ROOT = join(import.meta.dirname, '../..')
const PACK_LIMIT_MS = 300_000

export interface Packed {
  /** Path of the package. */
  readonly file: string
  /** The copy of the project that it was made in. */
  readonly project: string
  /** Paths in the package. */
  readonly files: readonly string[]
}

export async function pack(): Promise<Packed> {
  const project = mkdtempSync(join(tmpdir(), 'portcullis-packing-'))
  const run = promisify(execFile)
  const { stdout: known } = await run('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT })
  for (const path of known
    .trim()
    .split('\n')
    .filter((one) => existsSync(join(ROOT, one))))
    cpSync(join(ROOT, path), join(project, path))
  linkPackages(project)
  const { stdout } = await run('npm', ['pack', '--json'], {
    cwd: project,
    env: plainEnvironment(),
    timeout: PACK_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  })
  const { filename, files } = onlyOne(JSON.parse(stdout))
  return { file: join(project, filename), project, files: files.map(({ path }) => path) }
}

interface PackedAsTold {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** An array until npm 11; an object by name since. */
function onlyOne(told: readonly PackedAsTold[] | Readonly<Record<string, PackedAsTold>>): PackedAsTold {
  const [packed] = Object.values(told)
  if (packed === undefined) throw new Error('npm pack told of no package')
  return packed
}

/** A clone would install them again. */
function linkPackages(project: string): void {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  const installed = join(ROOT, 'node_modules')
  // Else the build in the copy would install into this project's own.
  if (readFileSync(join(installed, '.portcullis-ready'), 'utf8') !== lock)
    throw new Error('node_modules is not that of package-lock.json: run npm run ready')
  symlinkSync(installed, join(project, 'node_modules'))
}
