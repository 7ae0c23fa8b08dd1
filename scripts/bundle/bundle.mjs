// Makes few files of the command, the library and all packages that they use, in dist/bundle: finding and reading 900
// modules takes half of a start, and a package that brings its packages is installed as it was tested.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build } from 'esbuild'
import { demoLock } from './demo-lock.mjs'
import { thirdPartyLicences } from './licences.mjs'

const root = join(import.meta.dirname, '../..')
const at = (...parts) => join(root, ...parts)
const OUT = at('dist', 'bundle')
/** A binary for each platform, and the clients that `portcullis demo` plays. */
const APART = ['@node-rs/argon2', '@modelcontextprotocol/*']
/** Packages of CommonJS ask for Node's modules by `require`. */
const REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"
const OPTIONS = {
  outdir: OUT,
  entryNames: '[name]', // side by side, so that each finds what tsc wrote by the same path
  ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node22' },
  legalComments: 'none',
  banner: { js: REQUIRE },
  external: APART,
  metafile: true,
  logLevel: 'warning',
}

rmSync(OUT, { recursive: true, force: true })
const commands = new Set()
const serving = await build({
  ...OPTIONS,
  entryPoints: [at('src', 'main.ts')],
  plugins: [{ name: 'without other commands', setup: withoutOtherCommands }, atItsPlace()],
})
// Apart from what `run` loads, which would be cut into more and larger files if these shared them.
const other = await build({
  ...OPTIONS,
  entryPoints: [...commands, at('src', 'library.ts')],
  plugins: [atItsPlace()],
})
for (const { metafile } of [serving, other]) refuseLostNames(metafile)
const inputs = [serving, other].flatMap(({ metafile }) => Object.keys(metafile.inputs))
writeFileSync(at('dist', 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicences(root, inputs))
const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'))
writeFileSync(at('dist', 'demo-lock.json'), `${JSON.stringify(demoLock(lock), null, 2)}\n`)
writeEntry()

/** A file that is imported while it runs, and is a package of CommonJS, has no names in a bundle that is split. */
function refuseLostNames({ outputs }) {
  for (const [file, { imports }] of Object.entries(outputs)) {
    const lost = imports.find(
      ({ path, kind }) => kind === 'dynamic-import' && String(outputs[path]?.exports) === 'default',
    )
    if (lost === undefined) continue
    const [package_] = Object.keys(outputs[lost.path].inputs).slice(-1)
    throw new Error(
      `${file} gets nothing but a default of ${package_}, by import(): import it in a file of ours, and that file by import()`,
    )
  }
}

function withoutOtherCommands(building) {
  building.onResolve({ filter: /^\.\// }, ({ path, importer, kind }) => {
    const isCommand = kind === 'dynamic-import' && importer === at('src', 'cli', 'cli.ts')
    if (!isCommand || path === './serve/run.ts') return undefined
    commands.add(at('src', 'cli', path))
    return { path: `./${basename(path, '.ts')}.js`, external: true }
  })
}

/** A file that looks for its neighbours finds them where tsc put it. */
function atItsPlace() {
  return {
    name: 'at its place',
    setup: (building) =>
      building.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
        const written = relative(at('src'), path).replaceAll('\\', '/').replace(/\.ts$/, '.js')
        const here = `new URL(${JSON.stringify(`../${written}`)}, import.meta.url).href`
        return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', here), loader: 'ts' }
      }),
  }
}

/** What starts: the bundle, with the compiled code of the last start where that is safe. */
function writeEntry() {
  const [shebang] = readFileSync(at('src', 'main.ts'), 'utf8').split('\n', 1)
  const entry = [
    shebang,
    '// Made by scripts/bundle/bundle.mjs.',
    "import { keepCompiledCode } from './lib/compiled-code.js'",
    '',
    'keepCompiledCode({ env: process.env, uid: process.getuid?.() })',
    "await import('./bundle/main.js')",
    '',
  ]
  writeFileSync(at('dist', 'main.js'), entry.join('\n'))
  if (existsSync(at('dist', 'main.js.map'))) rmSync(at('dist', 'main.js.map'))
  chmodSync(at('dist', 'main.js'), 0o755)
}
