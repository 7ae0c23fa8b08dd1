// Readers of other languages: built once, then each reads a file of hexadecimal lines. A toolchain that is missing is told.
import { execFileSync } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const HERE = import.meta.dirname
const BUILD = join(tmpdir(), 'portcullis-body-readers')
const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024

const READERS = [
  { name: 'Python json', build: python },
  { name: 'Go encoding/json', build: go },
  { name: 'Rust serde_json', build: rust },
  { name: 'Java Jackson', build: java },
]

/** Each with the command that runs it. */
export function buildReaders() {
  mkdirSync(BUILD, { recursive: true })
  return READERS.flatMap(({ name, build }) => {
    try {
      return [{ name, command: build() }]
    } catch (error) {
      console.log(`without ${name}: ${String(error.message).split('\n')[0]}`)
      return []
    }
  })
}

/** One line for each body. */
export function readWith({ command: [program, ...args] }, file) {
  const out = execFileSync(program, args, {
    stdio: [openSync(file), 'pipe', 'inherit'],
    maxBuffer: MAX_OUTPUT_BYTES,
  })
  return out.toString().split('\n').slice(0, -1)
}

function run(program, args, options = {}) {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options })
}

function python() {
  const program = process.env.PYTHON ?? 'python3'
  run(program, ['--version'])
  return [program, join(HERE, 'reader.py')]
}

function go() {
  const target = join(BUILD, 'go-reader')
  run('go', ['build', '-o', target, join(HERE, 'reader.go')])
  return [target]
}

function rust() {
  const env = { ...process.env, CARGO_TARGET_DIR: join(BUILD, 'rust') }
  run('cargo', ['build', '--release', '--quiet', '--manifest-path', join(HERE, 'rust/Cargo.toml')], { env })
  return [join(BUILD, 'rust/release/body-reader')]
}

function java() {
  const target = join(BUILD, 'java')
  const pom = join(HERE, 'java/pom.xml')
  run('mvn', ['-q', '-f', pom, 'package', `-DbuildFolder=${target}`])
  const classPath = [join(target, 'classes'), join(target, 'lib/*')].join(':')
  const version = readFileSync(pom, 'utf8').match(/<version>(2[^<]*)</)?.[1]
  console.log(`Jackson ${version}`)
  return ['java', '-cp', classPath, 'Reader']
}
