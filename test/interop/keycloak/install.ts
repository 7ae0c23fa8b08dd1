// Keycloak as its makers publish it on Maven Central, unpacked once into build/. Needs Java, Maven and unzip; without them
// it says which is missing.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export const VERSION = '26.7.3'
const OLDEST_JAVA = 17
const BUILD = join(import.meta.dirname, '../../../build')
const HOME = join(BUILD, `keycloak-${VERSION}`)
const INSTALL_LIMIT_MS = 600_000

/** What this machine lacks; undefined when Keycloak can run. */
export function missingHere(): string | undefined {
  const java = said('java', ['-version'])
  const major = Number(/version "(\d+)/.exec(java ?? '')?.[1])
  if (!(major >= OLDEST_JAVA)) return `Java ${OLDEST_JAVA} or later`
  if (existsSync(join(HOME, 'bin/kc.sh'))) return undefined
  if (said('mvn', ['-version']) === undefined) return 'Maven'
  return said('unzip', ['-v']) === undefined ? 'unzip' : undefined
}

/** The folder of the installation. Fetches 177 MB the first time. */
export function installKeycloak(): string {
  if (existsSync(join(HOME, 'bin/kc.sh'))) return HOME
  mkdirSync(BUILD, { recursive: true })
  rmSync(HOME, { recursive: true, force: true })
  const artifact = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
  run('mvn', ['-q', '-B', plugin, `-Dartifact=${artifact}`, `-DoutputDirectory=${BUILD}`])
  const archive = `keycloak-quarkus-dist-${VERSION}.zip`
  run('unzip', ['-q', archive])
  rmSync(join(BUILD, archive))
  return HOME
}

function said(program: string, args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? `${stdout}${stderr}` : undefined
}

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: BUILD,
    encoding: 'utf8',
    timeout: INSTALL_LIMIT_MS,
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`)
}
