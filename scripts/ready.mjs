// Makes a fresh clone ready: installs what the lock file names and compiles src, each only when it is out of date.
// Plain JavaScript for any Node ≥ 20, since it runs before the project's own runtime is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)

install()
build()

function install() {
  const stamp = at('node_modules', '.portcullis-ready')
  const wanted = createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('installing dependencies (once)…')
  run('npm', ['ci', '--no-audit', '--no-fund'], 'npm ci failed: is the npm registry reachable?')
  const runtime = spawnSync(at('node_modules', '.bin', 'node'), ['--version'], { encoding: 'utf8' })
  if (runtime.status !== 0) {
    fail(
      'the package `node` brought no binary: allow its install script (npm config get ignore-scripts), then delete node_modules',
    )
  }
  writeFileSync(stamp, wanted)
}

function build() {
  const stamp = at('dist', '.built')
  const newest = Math.max(
    ...['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/bundle'].map((path) =>
      newestChange(at(path)),
    ),
  )
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return
  console.error('compiling…')
  const node = at('node_modules', '.bin', 'node')
  const tsc = at('node_modules', 'typescript', 'bin', 'tsc')
  run(node, [tsc, '-p', at('tsconfig.build.json')], 'the sources do not compile')
  run(node, [at('scripts', 'bundle', 'bundle.mjs')], 'what starts cannot be bundled')
  writeFileSync(stamp, '')
}

function newestChange(path) {
  const status = statSync(path)
  if (!status.isDirectory()) return status.mtimeMs
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))))
}

function run(command, args, hint) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail(hint)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
