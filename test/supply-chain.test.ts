// What is built from, and what is shipped: rows of C, as far as they concern this repository. The image is judged in
// deploy/image.test.ts, by the file that makes it.
import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compilePolicy } from '../src/policy/compile.ts'
import { AROUND, callOf, holder, ISSUERS, policy, rule } from './policy/policies.ts'
import { freePort } from './support/free-port.ts'
import { gatewayYaml, toolCall } from './support/gateway.ts'
import { startIssuer } from './support/issuer.ts'
import { startProcess } from './support/process.ts'
import { startUpstream } from './support/upstream.ts'
import { openScene } from './token/scene.ts'

const ROOT = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface Project {
  readonly engines: { readonly node: string }
  readonly files: readonly string[]
  readonly scripts: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const project = JSON.parse(textOf('package.json')) as Project
const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> }
const locked = Object.entries(packages).filter(([path]) => path !== '')
const production = locked.filter(([, { dev }]) => dev !== true)

const versionOf = (name: string) => packages[`node_modules/${name}`]?.version ?? ''
const numbers = (version: string) => version.split('.').map(Number)

/** Whether a version is this one or a later one. */
function isAtLeast(version: string, floor: string): boolean {
  const [have, need] = [numbers(version), numbers(floor)]
  const at = need.findIndex((number, index) => number !== have[index])
  return at === -1 || (have[at] ?? 0) > (need[at] ?? 0)
}

test('C01 the runtime is of a line that gets fixes, for users, for tests and in the image', () => {
  expect(project.engines.node).toBe('>=22.19')
  expect(isAtLeast(process.versions.node, '26.0.0')).toBe(true)
  expect(textOf('Dockerfile')).toMatch(/^ARG BASE=docker\.io\/library\/node:26-/m)
})

/** What the catalogue of advisories says must be fixed. */
const FLOORS: readonly (readonly [name: string, floor: string])[] = [
  ['undici', '8.0.0'], // C02: 7.24 has CVE-2026-1525 and -2581 fixed; 8 is the line for node ≥ 22.19
  ['hono', '4.13.0'],
  ['jose', '6.2.0'],
  ['yaml', '2.9.0'],
  ['oidc-provider', '9.13.0'],
]
test.each(FLOORS)('C02 C07 %s is %s or later', (name, floor) => {
  expect(isAtLeast(versionOf(name), floor)).toBe(true)
})

test('C04 the lock file is that of package.json, whole, and bound to no registry', () => {
  const root = packages[''] ?? {}
  expect([root.dependencies, root.devDependencies]).toEqual([project.dependencies, project.devDependencies])
  expect(locked.length).toBeGreaterThan(100)
  expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([])
  expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  expect(textOf('.npmrc')).toContain('omit-lockfile-registry-resolved=true')
})

test('C05 nothing that serves runs a script when it is installed', () => {
  expect(production.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([])
  expect(textOf('Dockerfile').match(/npm (?:ci|prune)[^&\n]*/g)).toEqual([
    'npm ci --ignore-scripts',
    'npm prune --omit=dev --ignore-scripts',
  ])
})

test('C05 each script of an install is let run or not: npm 12 runs none that nobody named', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript)
  const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''))
  expect(Object.keys(project.allowScripts).sort()).toEqual([...new Set(names)].sort())
  // A clone runs with the Node that this one fetches.
  expect(Object.entries(project.allowScripts).filter(([, runs]) => runs)).toEqual([['node', true]])
})

test('C06 what serves is under permissive licences, and no package more than was looked at', () => {
  const licences = new Set(production.map(([, { license }]) => license))
  const permissive = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']
  expect([...licences].sort()).toEqual(permissive)
  const names = production.filter(([path]) => !path.includes('@node-rs/argon2-'))
  expect(names.length).toBeLessThanOrEqual(116) // 25 of them for passkeys, 9 for telemetry (CONTRIBUTING.md)
})

test('C10 a package holds what runs, the examples, the schema and the pages', () => {
  const pages = project.files.filter((path) => path.endsWith('.md') || path.startsWith('test/'))
  expect(project.files.filter((path) => !pages.includes(path))).toEqual([
    ...['bin', 'config', 'deploy', 'docs', 'dist/bundle', 'dist/cli/demo/bind-loopback.js'],
    ...['dist/demo-lock.json', 'dist/lib/compiled-code.js', 'dist/main.js', 'dist/THIRD-PARTY-LICENSES.txt'],
    ...['dist/upstream/program/watcher-process.js', 'gateway.example.yaml', 'LICENSE'],
  ])
  const shipped = globSync('config/**', { cwd: ROOT }).filter((path) => /\.\w+$/.test(path))
  expect(shipped.filter((path) => !/\.(?:yaml|json)$/.test(path))).toEqual([])
  for (const path of [...shipped, 'gateway.example.yaml']) {
    // A secret in it would be text where a reference belongs.
    expect(textOf(path)).not.toMatch(
      /^\s*(?:client_secret|token|session_key|cookie_secret): (?!["']?(?:\$\{|file:))/m,
    )
  }
})

test('C11 what runs in continuous integration takes no words of a pull request', () => {
  const scripts = ['.ci/run', ...globSync('scripts/*.mjs', { cwd: ROOT })]
  expect(existsSync(join(ROOT, '.github/workflows'))).toBe(false)
  for (const path of scripts)
    expect(textOf(path)).not.toMatch(/pull_request|github\.(?:event|ref|head)|\beval\b/)
})

test('C12 every package that is imported is declared, and what serves is no development package', () => {
  const sources = globSync('{src,test,scripts,bench}/**/*.{ts,mjs}', { cwd: ROOT })
  let imports = 0
  const wrong = sources.flatMap((path) => {
    const declared = { ...project.dependencies, ...(path.startsWith('src/') ? {} : project.devDependencies) }
    const names = [...textOf(path).matchAll(IMPORT)].map(([, from, bare]) => from ?? bare ?? '')
    imports += names.length
    return names.filter((name) => {
      const parts = name.split('/')
      const of = name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
      return !/^(?:\.|node:)/.test(name) && !(of in declared) && !INTEROP.test(path)
    })
  })
  expect(wrong).toEqual([])
  expect(imports).toBeGreaterThan(1_000)
})

const IMPORT = /^(?:import\b|export\b|\})[^'=\n]*\bfrom '([^'\n]+)'|^import '([^'\n]+)'/gm
/** They install what they import by themselves; the demo plays clients that only a clone has. */
const INTEROP = /^(?:bench\/peers\/|test\/interop\/|src\/cli\/demo\/|test\/clients\/|scripts\/conformance\/)/

test('C14 what another module puts on every object grants nothing', async () => {
  const scene = await openScene()
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const polluted = {
    scope: 'admin',
    scp: ['admin'],
    roles: ['admin'],
    effect: 'allow',
    tools: ['*'],
    active: true,
  }
  onTestFinished(() => {
    for (const name of Object.keys(polluted)) delete prototype[name]
  })
  Object.assign(prototype, polluted)
  const proved = await scene.verify(scene.as.sign(scene.claims({ scope: undefined })))
  expect(proved.ok && [[...proved.value.scopes], proved.value.roles]).toEqual([[], undefined])
  const compiled = compilePolicy({
    policy: policy({ rules: [rule('admin', { tools: ['danger'], scopes: 'admin' })] }),
    baseline: [],
    scopesImply: new Map(),
    issuers: ISSUERS,
  })
  const call = callOf('tools/call', [{ kind: 'tool', name: 'danger' }])
  const { refusal } = compiled.decide(holder([]), { era: 'modern', calls: [call] }, AROUND)
  expect(refusal?.reason).toBe('scope_missing')
})

test('C15 nothing that is shipped opens an inspector', () => {
  const shipped = [textOf('Dockerfile'), ...Object.values(project.scripts)]
  for (const text of shipped) expect(text).not.toMatch(/--inspect|--heapsnapshot|--cpu-prof/)
  expect(textOf('docs/operations.md')).toContain('NODE_OPTIONS')
})

test('C16 it serves with the permission model of node: network, and files to read only', {
  timeout: 60_000,
}, async () => {
  const [issuer, upstream] = await Promise.all([startIssuer(), startUpstream()])
  const origin = `http://127.0.0.1:${await freePort()}`
  const readable = [ROOT, realpathSync(join(ROOT, 'node_modules')), tmpdir()]
  const gateway = await startProcess({
    yaml: gatewayYaml({ origin, issuerUrl: issuer.url, upstreamUrl: upstream.url, auditFile: 'stdout' }),
    flags: ['--permission', '--allow-net', ...readable.map((path) => `--allow-fs-read=${path}`)],
  })
  onTestFinished(async () => {
    await gateway.kill()
    await upstream.close()
    await issuer.close()
  })
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: 'u', client_id: 'c', scope: 'a' }
  const answer = await fetch(`${origin}/mcp/a`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${issuer.sign({ ...claims, iat: now, exp: now + 60 })}`,
    },
    body: JSON.stringify(toolCall('safe')),
  })
  expect(answer.status).toBe(200)
  expect(textOf('docs/operations.md')).toContain('--permission')
})
