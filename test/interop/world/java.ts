// Builds the programs on the Java SDK. Maven fetches the jars, the digests of all of them are compared, and javac does the rest.
// They are kept outside of the project, like those of Rust.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Built, missingCommand } from './contract.ts'

export const JAVA_SDK = 'io.modelcontextprotocol.sdk:mcp 2.2.0'

const NEEDS = 'a JDK 17 or later'
const SOURCES = join(import.meta.dirname, 'java')
const WANTED = readFileSync(join(SOURCES, 'jars.sha256'), 'utf8').trim()
/** Of these jars: two checkouts may want others. */
const CACHE = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'portcullis/world-java',
  createHash('sha256').update(WANTED).digest('hex').slice(0, 12),
)
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const BUILD_LIMIT_MS = 280_000
/** They live for seconds, and several at a time. */
const SMALL = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m']

const run = promisify(execFile)
let jars: Promise<string> | undefined

export async function buildJava(program: 'client' | 'server', ...args: readonly string[]): Promise<Built> {
  const missing =
    missingCommand('javac', ['-version'], NEEDS) ?? missingCommand('mvn', ['-version'], 'Maven 3.8 or later')
  if (missing !== undefined) return missing
  const classes = join(CACHE, program)
  try {
    jars ??= fetchJars()
    const classPath = `${await jars}/*`
    const sources = readdirSync(join(SOURCES, program)).map((file) => join(SOURCES, program, file))
    await run('javac', ['-cp', classPath, '-d', classes, ...sources], { timeout: BUILD_LIMIT_MS })
    return ['java', ...SMALL, '-cp', `${classes}:${classPath}`, 'Main', ...args]
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return `${JAVA_SDK} cannot be built here, which needs ${NEEDS}: ${String(error).split('\n')[0]}`
  }
}

/** The folder with exactly the jars of `jars.sha256`. */
async function fetchJars(): Promise<string> {
  const folder = join(CACHE, 'lib')
  if (wrongIn(folder) === undefined) return folder
  rmSync(folder, { recursive: true, force: true })
  await run('mvn', ['-q', '-B', '-f', join(SOURCES, 'pom.xml'), COPY, `-DoutputDirectory=${folder}`], {
    timeout: BUILD_LIMIT_MS,
  })
  const wrong = wrongIn(folder)
  if (wrong !== undefined) throw new Error(`${wrong} is not what jars.sha256 says`)
  return folder
}

function wrongIn(folder: string): string | undefined {
  const wanted = WANTED.split('\n')
  const found = existsSync(folder) ? readdirSync(folder).sort() : []
  const lines = new Set(found.map((name) => `${digestOf(join(folder, name))}  ${name}`))
  return (
    wanted.find((line) => !lines.has(line)) ?? (lines.size === wanted.length ? undefined : 'a further jar')
  )
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
