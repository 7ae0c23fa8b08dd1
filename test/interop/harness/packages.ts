// Installs the heavy packages of this folder when they are wanted for the first time, and finds their programs.
// They are not part of the project's own dependencies, so that its usual checks stay light.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const HOME = join(import.meta.dirname, '..')
const MODULES = join(HOME, 'node_modules')
const INSTALL_LIMIT_MS = 600_000

/** `npm ci` from the lock file, unless what is installed is newer than the lock. */
export function installPackages(): void {
  const installed = join(MODULES, '.package-lock.json')
  if (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(HOME, 'package-lock.json')).mtimeMs
  ) {
    return
  }
  console.log('installing the packages of test/interop')
  const { status } = spawnSync('npm', ['ci', '--no-progress'], {
    cwd: HOME,
    stdio: 'inherit',
    timeout: INSTALL_LIMIT_MS,
  })
  if (status !== 0) throw new Error(`npm ci failed in test/interop (exit ${status})`)
}

/** The JavaScript file behind a package's command, to be started with our own Node. */
export function programOf(packageName: string, command: string): string {
  const folder = [MODULES, join(HOME, '../../node_modules')]
    .map((modules) => join(modules, packageName))
    .find((candidate) => existsSync(join(candidate, 'package.json')))
  if (folder === undefined) throw new Error(`${packageName} is not installed`)
  const { bin }: { bin: string | Record<string, string> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const file = typeof bin === 'string' ? bin : bin[command]
  if (file === undefined) throw new Error(`${packageName} has no command ${command}`)
  return join(folder, file)
}

/** So that a server which starts another program by name finds the ones installed here. */
export function pathWithPrograms(): string {
  return [join(MODULES, '.bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(':')
}
