// Around `npm pack` and `npm publish`: before, builds from nothing and puts the package.json in place that is shipped;
// after (`--after`), puts the project's own back. What is shipped has its packages in the bundle and depends on the binary
// of argon2 alone, in the version of the lock file: whoever installs it gets what was tested.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const at = (...parts) => join(root, ...parts)
const textOf = (path) => readFileSync(at(path), 'utf8')
const PROJECT = at('package.json')
const KEPT = at('build', 'package.json.kept')
/** Not in the bundle: it is a binary for each platform. */
const BESIDE = '@node-rs/argon2'

// Also where a pack before this one was broken off.
if (existsSync(KEPT)) renameSync(KEPT, PROJECT)
if (process.argv[2] !== '--after') {
  rmSync(at('dist'), { recursive: true, force: true })
  const { status } = spawnSync(process.execPath, [at('scripts', 'ready.mjs')], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
  const shipped = shippedManifest(JSON.parse(textOf('package.json')))
  mkdirSync(dirname(KEPT), { recursive: true })
  renameSync(PROJECT, KEPT)
  writeFileSync(PROJECT, `${JSON.stringify(shipped, null, 2)}\n`)
}

function shippedManifest({ devDependencies, scripts, allowScripts, ...project }) {
  const { packages } = JSON.parse(textOf('package-lock.json'))
  const { version } = packages[`node_modules/${BESIDE}`]
  const files = [...project.files, ...declarations('dist/library.d.ts')]
  return { ...project, files, dependencies: { [BESIDE]: version } }
}

/** The declarations of the library: its entry, and what that imports. */
function declarations(path, seen = new Set()) {
  if (seen.has(path)) return seen
  seen.add(path)
  for (const [, from] of textOf(path).matchAll(/(?:from|import\() ?'(\.[^']+)'/g))
    declarations(join(dirname(path), from.replace(/\.ts$/, '.d.ts')), seen)
  return seen
}
