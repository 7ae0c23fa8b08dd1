// Makes one file of what `portcullis run` loads at its start, in dist/bundle, since finding and reading 900 modules takes
// half of a start. Commands beside `run`, and the library, stay the modules that tsc wrote.
import { chmodSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)
const OUT = at('dist', 'bundle')
/** A binary, and what only the authorization server or shared state loads. */
const APART = ['@node-rs/argon2', '@redis/client', 'oidc-provider', 'openid-client', 'pg']
/** Packages of CommonJS ask for Node's modules by `require`. */
const REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"

rmSync(OUT, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: [at('src', 'main.ts')],
  outdir: OUT,
  ...{
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    legalComments: 'none',
  },
  banner: { js: REQUIRE },
  external: APART,
  metafile: true,
  logLevel: 'warning',
  plugins: [{ name: 'as tsc wrote it', setup: asTscWroteIt }],
})
writeLicences(Object.keys(metafile.inputs))
writeEntry()

function asTscWroteIt(building) {
  building.onResolve({ filter: /^\.\// }, ({ path, importer, kind }) => {
    const isCommand = kind === 'dynamic-import' && importer === at('src', 'cli', 'cli.ts')
    if (!isCommand || path === './serve/run.ts') return undefined
    return { path: `../cli/${path.slice(2).replace(/\.ts$/, '.js')}`, external: true }
  })
  // A file that looks for its neighbours finds them where tsc put it.
  building.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
    const written = relative(at('src'), path).replaceAll('\\', '/').replace(/\.ts$/, '.js')
    const here = `new URL(${JSON.stringify(`../${written}`)}, import.meta.url).href`
    return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', here), loader: 'ts' }
  })
}

/** The packages in the bundle ask that their licence goes along. */
function writeLicences(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  )
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8'))
    const files = globSync('{LICEN[CS]E,COPYING,NOTICE}*', { cwd: at(folder) })
    if (files.length === 0) throw new Error(`${name} in the bundle has no licence file`)
    const words = files.sort().map((file) => readFileSync(at(folder, file), 'utf8').trim())
    return `${name} ${version} (${license})\n\n${words.join('\n\n')}\n`
  })
  writeFileSync(at('dist', 'THIRD-PARTY-LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}

/** What starts: the bundle, with the compiled code of the last start where that is safe. */
function writeEntry() {
  const [shebang] = readFileSync(at('src', 'main.ts'), 'utf8').split('\n', 1)
  const entry = [
    shebang,
    '// Made by scripts/bundle.mjs.',
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
