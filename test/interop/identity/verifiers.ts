// Makes programs of the blocks in docs/identity.md, each with pinned packages, in the folder `build`. Where a tool is not there,
// there is a reason instead of a program, except in CI, which must have them.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Built, missingCommand } from '../world/contract.ts'

const HERE = import.meta.dirname
const ROOT = join(HERE, '../../..')
const BUILD = join(ROOT, 'build/identity')
/** The first build of the packages in Rust takes minutes on two cores. */
const BUILD_LIMIT_MS = 900_000
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

export interface Verifier {
  /** Of the block in the page. */
  readonly language: string
  /** What it runs on, as the page says. */
  readonly name: string
  /** A program that takes an assertion as its argument. */
  build(source: string): Promise<Built>
}

type Run = (command: string, args: readonly string[]) => Promise<void>

interface Recipe {
  readonly needs: readonly [command: string, args: readonly string[], words: string]
  /** Below this folder; copied beside the program. */
  readonly files: readonly string[]
  /** Where the block goes. */
  readonly source: string
  readonly make: (folder: string, run: Run) => Promise<readonly [command: string, ...args: string[]]>
}

const RECIPES: Readonly<Record<'py' | 'go' | 'rust' | 'java', Recipe>> = {
  py: {
    needs: ['python3', ['--version'], 'Python 3.11 with venv'],
    files: ['requirements.txt'],
    source: 'verify.py',
    async make(folder, run) {
      if (!existsSync(join(folder, 'venv/bin/pip'))) await run('python3', ['-m', 'venv', 'venv'])
      await run(join(folder, 'venv/bin/pip'), ['install', '-q', '-r', 'requirements.txt'])
      return [join(folder, 'venv/bin/python'), join(folder, 'verify.py')]
    },
  },
  go: {
    needs: ['go', ['version'], 'Go 1.25'],
    files: ['go/go.mod', 'go/go.sum'],
    source: 'main.go',
    async make(folder, run) {
      await run('go', ['build', '-o', 'verify', '.'])
      return [join(folder, 'verify')]
    },
  },
  rust: {
    needs: ['cargo', ['--version'], 'Rust 1.88'],
    files: ['rust/Cargo.toml', 'rust/Cargo.lock'],
    source: 'src/main.rs',
    async make(folder, run) {
      await run('cargo', ['build', '--locked', '--quiet'])
      return [join(folder, 'target/debug/identity')]
    },
  },
  java: {
    needs: ['mvn', ['-version'], 'a JDK 17 or later with Maven 3.8'],
    files: ['java/pom.xml'],
    source: 'Verify.java',
    async make(folder, run) {
      const jars = join(folder, 'lib')
      if (!existsSync(jars)) await run('mvn', ['-q', '-B', COPY_JARS, `-DoutputDirectory=${jars}`])
      await run('javac', ['-cp', `${jars}/*`, '-d', 'classes', 'Verify.java'])
      return ['java', '-cp', `${folder}/classes:${jars}/*`, 'Verify']
    },
  },
}

export const VERIFIERS: readonly Verifier[] = [
  { language: 'ts', name: 'jose 6', build: buildTypeScript },
  { language: 'py', name: 'PyJWT 2.15.1', build: (source) => build('py', source) },
  { language: 'go', name: 'golang-jwt 5.3.1, keyfunc 3.9.2', build: (source) => build('go', source) },
  { language: 'rust', name: 'jsonwebtoken 10, ureq 3', build: (source) => build('rust', source) },
  { language: 'java', name: 'nimbus-jose-jwt 10.5', build: (source) => build('java', source) },
]

/** Below the project, so that it finds jose. */
async function buildTypeScript(source: string): Promise<Built> {
  mkdirSync(BUILD, { recursive: true })
  const file = join(BUILD, 'verify.ts')
  writeFileSync(file, source)
  return [process.execPath, file]
}

async function build(language: keyof typeof RECIPES, source: string): Promise<Built> {
  const { needs, files, source: place, make } = RECIPES[language]
  const missing = missingCommand(...needs)
  if (missing !== undefined) return missing
  const folder = join(BUILD, language)
  mkdirSync(dirname(join(folder, place)), { recursive: true })
  for (const file of files) copyFileSync(join(HERE, file), join(folder, file.replace(/^\w+\//, '')))
  writeFileSync(join(folder, place), source)
  try {
    return await make(folder, async (command, args) => {
      await promisify(execFile)(command, args, { cwd: folder, timeout: BUILD_LIMIT_MS })
    })
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return `${language} cannot be built here: ${String(error).split('\n')[0]}`
  }
}
