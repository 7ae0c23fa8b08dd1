// The packages that the demo uses and portcullis itself does not. A clone has them. Elsewhere npm puts them into a
// temporary folder, by the lock file of the build (scripts/bundle/demo-lock.mjs): the versions that were tested, with
// their digests.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Io } from '../shared/command.ts'

/** A module of each package, by package. */
const MODULES: Readonly<Record<string, string>> = {
  '@modelcontextprotocol/sdk': '@modelcontextprotocol/sdk/client/index.js',
  '@modelcontextprotocol/client': '@modelcontextprotocol/client',
  '@modelcontextprotocol/server-everything': '@modelcontextprotocol/server-everything/dist/index.js',
}
const LOCK = new URL('../../demo-lock.json', import.meta.url)
const INSTALL = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
/** A module in the folder, since import() looks for packages from the module that it stands in. */
const LOADER = 'export const load = (id) => import(id)\n'

/** The module of this id, as `import()` gives it. */
export type LoadModule = (id: string) => Promise<unknown>

/** From beside portcullis. */
export const loadModule: LoadModule = (id) => import(id)

export interface DemoPackages {
  readonly load: LoadModule
  /** The path of the module with this id. */
  resolve(id: string): string
  /** Removes what was installed. */
  close(): Promise<void>
}

/** Throws, with what to type, where they are missing and cannot be installed. */
export async function openDemoPackages(io: Pick<Io, 'stderr' | 'stop'>): Promise<DemoPackages> {
  const { resolve } = createRequire(import.meta.url)
  if (missingPackages(resolve).length > 0) return await installDemoPackages(io)
  return { load: loadModule, resolve, close: async () => undefined }
}

/** Names of packages; `resolve` throws for a module that is not installed. */
export function missingPackages(resolve: (id: string) => string): string[] {
  return Object.entries(MODULES).flatMap(([name, module]) => {
    try {
      resolve(module)
      return []
    } catch {
      return [name]
    }
  })
}

async function installDemoPackages({ stderr, stop }: Pick<Io, 'stderr' | 'stop'>): Promise<DemoPackages> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-packages-'))
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    const wanted = await writeManifest(folder)
    stderr.write(`npm installs ${wanted.join(', ')} for this demo…\n`)
    await promisify(execFile)('npm', [...INSTALL, '--prefix', folder], {
      cwd: folder,
      signal: stop,
      shell: platform() === 'win32', // npm is a script there
    })
    const loader = join(folder, 'load.mjs')
    await writeFile(loader, LOADER)
    const { load } = (await import(pathToFileURL(loader).href)) as Pick<DemoPackages, 'load'>
    return { load, resolve: createRequire(loader).resolve, close }
  } catch (error) {
    await close()
    throw new Error(howToInstall(error))
  }
}

/** What npm installs from; the packages as `name@version`. */
async function writeManifest(folder: string): Promise<string[]> {
  const text = await readFile(LOCK, 'utf8')
  const { packages } = JSON.parse(text) as { packages: { '': { dependencies: Record<string, string> } } }
  const { dependencies } = packages['']
  await writeFile(join(folder, 'package-lock.json'), text)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  return Object.entries(dependencies).map(([name, version]) => `${name}@${version}`)
}

function howToInstall(error: unknown): string {
  const { message, stderr = '' } = error as { message: string; stderr?: string }
  const [reason = message] = stderr.split('\n').filter((line) => line.startsWith('npm error'))
  return `the demo needs packages that portcullis itself does not, and npm did not bring them: ${reason}
Mend that, or put them beside portcullis and run the demo again:
  npm install ${Object.keys(MODULES).join(' ')}`
}
