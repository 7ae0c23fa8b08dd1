// The package that `npm pack` makes: what is in it, and that it works from an empty folder with each Node that it is for.
// The registry, npm, npx, both SDK clients and the reference server are real.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { openV1 } from '../../src/cli/demo/client-v1.ts'
import { openV2 } from '../../src/cli/demo/client-v2.ts'
import { DemoLogin } from '../../src/cli/demo/login.ts'
import { openDemoPackages } from '../../src/cli/demo/packages.ts'
import { createDemoPerson } from '../../src/cli/demo/person.ts'
import { openDemoSession } from '../../src/cli/demo/session.ts'
import { type DemoUpstream, startDemoUpstream } from '../../src/cli/demo/upstream.ts'
import { createWire } from '../../src/cli/demo/wire.ts'
import { freePort } from '../support/free-port.ts'
import { type Packed, pack } from './packed.ts'
import { binOf, plainEnvironment, RUNTIMES, type Runtime, TOO_OLD } from './runtimes.ts'

const ROOT = join(import.meta.dirname, '../..')
const PATIENCE_MS = 300_000
const PASSWORD = 'correct horse battery'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: boolean }>>
}
const { packages: locked } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock

let packed: Packed
let upstream: DemoUpstream
const folders: string[] = []
beforeAll(async () => {
  const stop = new AbortController().signal
  const packages = await openDemoPackages({ stderr: process.stderr, stop })
  ;[packed, upstream] = await Promise.all([pack(), startDemoUpstream(process.execPath, packages)])
}, PATIENCE_MS)
afterAll(async () => {
  await upstream.close()
  for (const folder of [...folders, packed.project]) rmSync(folder, { recursive: true, force: true })
})

describe('what is in it', () => {
  test('what runs, the pages, the examples, and no source map, test or source', () => {
    expect(packed.files).toEqual(
      expect.arrayContaining([
        ...['bin/portcullis.mjs', 'dist/main.js', 'dist/bundle/main.js', 'dist/bundle/library.js'],
        ...['dist/library.d.ts', 'dist/demo-lock.json', 'dist/THIRD-PARTY-LICENSES.txt'],
        ...['dist/cli/demo/bind-loopback.js', 'dist/upstream/program/watcher-process.js'], // processes of their own
        ...['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs/config.md'],
        ...['gateway.example.yaml', 'config/keycloak.yaml', 'config/gateway.schema.json'],
      ]),
    )
    expect(packed.files.filter((path) => /\.map$|\.built$|^src\/|node_modules\/|\.tgz$/.test(path))).toEqual(
      [],
    )
  })

  test('what README.md and the pages link to', () => {
    const shipped = new Set(packed.files.flatMap((path) => [path, ...foldersOf(path)]))
    const pages = packed.files.filter((path) => /^(?:docs\/)?[^/]+\.md$/.test(path))
    const links = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)].map(
        ([, target = '']) => normalize(join(dirname(page), target)).replace(/\/$/, ''),
      ),
    )
    expect(pages).toContain('README.md')
    expect(links.length).toBeGreaterThan(100)
    expect(links.filter((path) => !shipped.has(path))).toEqual([])
  })

  test('each package of the bundle has the version of the lock file', () => {
    const told = readFileSync(join(packed.project, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
    const bundled = [...told.matchAll(/^(@?[\w./-]+) (\d+\.\d+\.\d+\S*) \([\w .-]+\)$/gm)].map(
      ([, name, version]) => `${name} ${version}`,
    )
    const serving = Object.entries(locked).filter(([path, { dev }]) => path !== '' && dev !== true)
    const known = serving.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')} ${version}`)
    expect(bundled.length).toBeGreaterThan(60)
    expect(bundled.filter((one) => !known.includes(one))).toEqual([])
  })

  test('the project has its own package.json back', () => {
    const textOf = (folder: string) => readFileSync(join(folder, 'package.json'), 'utf8')
    expect(textOf(packed.project)).toBe(textOf(ROOT))
  })
})

function foldersOf(path: string): string[] {
  const folder = dirname(path)
  return folder === '.' ? [] : [folder, ...foldersOf(folder)]
}

/** Programs of this runtime; the test is skipped where the registry does not give them. */
async function programs(runtime: Runtime, context: TestContext): Promise<Record<string, string>> {
  const found = await binOf(runtime)
  if (typeof found !== 'string') return plainEnvironment(found.bin)
  console.warn(`skipped: ${found}`)
  return context.skip(found)
}

/** An empty folder that the package was installed into, as a person does it. */
async function install(env: Record<string, string>): Promise<string> {
  const folder = emptyFolder()
  await promisify(execFile)('npm', ['install', packed.file], { cwd: folder, env, timeout: PATIENCE_MS })
  return folder
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-package-'))
  folders.push(folder)
  return folder
}

interface Protected {
  readonly npx: ChildProcess
  readonly url: string
  readonly said: () => string
}

/** Runs `npx … protect` until it serves. */
async function protect(
  words: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Protected> {
  const listen = `127.0.0.1:${await freePort()}`
  const more = ['--listen', listen, '--user', 'ada', '--password-stdin']
  const npx = spawn('npx', [...words, 'protect', upstream.url, ...more], { cwd, env })
  const ended = once(npx, 'exit')
  onTestFinished(async () => {
    npx.kill()
    await ended
  })
  const said = { out: '', err: '' }
  npx.stdin.end(`${PASSWORD}\n`)
  npx.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  npx.stdout.setEncoding('utf8')
  while (!said.out.includes('Ctrl-C ends it')) {
    const [text] = await Promise.race([once(npx.stdout, 'data'), ended])
    if (typeof text !== 'string') throw new Error(`it ended: ${said.out}${said.err}`)
    said.out += text
  }
  return { npx, url: /is protected at\s+(\S+)/.exec(said.out)?.[1] ?? '', said: () => said.err }
}

/** What an official client gets from `echo`, after a person signed in and agreed. */
async function firstCall(url: string, open: typeof openV1): Promise<string> {
  const wire = createWire()
  const { browse } = createDemoPerson({ name: 'ada', password: PASSWORD, fetch: wire.fetch })
  const grantTypes = ['authorization_code', 'refresh_token']
  const login = new DemoLogin({ clientName: 'package test', grantTypes, browse })
  const session = await openDemoSession(open, url, login, wire)
  try {
    await session.signIn()
    return await session.call('echo', { message: 'hello' })
  } finally {
    await session.close()
  }
}

describe.each(RUNTIMES)('with Node $node and npm $npm', { timeout: PATIENCE_MS }, (runtime) => {
  test('it is installed as it was tested, and protects a server', async (context) => {
    const env = await programs(runtime, context)
    const folder = await install(env)
    const { packages } = JSON.parse(
      readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'),
    ) as Lock
    const { 'node_modules/portcullis': own, ...beside } = packages
    expect(own).toBeDefined()
    const names = Object.keys(beside).map((path) => path.replace('node_modules/', ''))
    expect(names.filter((name) => !name.startsWith('@node-rs/argon2'))).toEqual([])
    for (const [path, { version }] of Object.entries(beside)) expect(version).toBe(locked[path]?.version)

    const { url, said } = await protect(['portcullis'], folder, env)
    expect(await firstCall(url, openV1)).toBe('Echo: hello')
    expect(await firstCall(url, openV2)).toBe('Echo: hello')
    expect(said()).not.toMatch(/\(node:\d+\)/) // no warning of node's
  })
})

describe('in an empty folder', { timeout: PATIENCE_MS }, () => {
  const [oldest] = RUNTIMES as readonly [Runtime]

  test('the line of README.md: npx runs the file, and its end ends the gateway', async (context) => {
    const [, line] =
      /^npx (\.\/portcullis-\S+\.tgz) protect http/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? []
    expect(line).toBe(`./${basename(packed.file)}`)
    const folder = emptyFolder()
    copyFileSync(packed.file, join(folder, basename(packed.file)))
    // Else every run would leave a copy in the cache of who runs the tests.
    const env = { ...(await programs(oldest, context)), npm_config_cache: join(folder, 'cache') }
    const { npx, url } = await protect(['-y', line ?? ''], folder, env)
    expect((await fetch(url, { method: 'POST' })).status).toBe(401)
    npx.kill()
    await expect.poll(() => isClosed(url), { timeout: 15_000, interval: 200 }).toBe(true)
  })

  test('on an older Node it names one command, which works', async (context) => {
    const env = await programs(TOO_OLD, context)
    const folder = await install(env)
    const run = (command: string) => promisify(execFile)('sh', ['-c', command], { cwd: folder, env })
    const told = await run('npx portcullis help check').catch(({ stderr }: { stderr: string }) => stderr)
    const [, command = ''] =
      /and this is 20\.\d+\.\d+\. With another one:\n {2}(npx .*)\n/.exec(String(told)) ?? []
    const { stdout } = await run(command)
    expect(stdout).toMatch(/^portcullis check \[-c/)
  })

  test('the demo brings what it needs, and leaves nothing', async (context) => {
    const env = await programs(oldest, context)
    const folder = await install(env)
    const temporary = emptyFolder()
    const demo = promisify(execFile)('npx', ['portcullis', 'demo', '--once'], {
      cwd: folder,
      env: { ...env, TMPDIR: temporary },
    })
    const { stdout, stderr } = await demo
    expect(stdout).toMatch(/All 34 steps went as they should\.\n$/)
    expect(stderr).toMatch(/^npm installs @modelcontextprotocol\/client@\S+, .* for this demo…\n/)
    expect(leftIn(temporary)).toEqual([])
  })

  test('the demo without a registry says what it needs', async (context) => {
    const env = await programs(oldest, context)
    const folder = await install(env)
    const temporary = emptyFolder()
    const away = {
      ...{ npm_config_registry: `http://127.0.0.1:${await freePort()}/`, npm_config_fetch_retries: '0' },
      ...{ npm_config_cache: join(temporary, 'cache'), TMPDIR: temporary },
    }
    const demo = promisify(execFile)('npx', ['portcullis', 'demo', '--once'], {
      cwd: folder,
      env: { ...env, ...away },
    })
    const failed = await demo.catch((error: { code: number; stderr: string }) => error)
    expect(failed).toMatchObject({ code: 1 })
    expect(failed.stderr).toMatch(/npm did not bring them: npm error /)
    expect(failed.stderr).toMatch(/\n {2}npm install @modelcontextprotocol\/sdk .*\n$/)
    expect(leftIn(temporary)).toEqual(['cache'])
  })
})

/** What is in the folder, but npm's own code cache: npm turns on the compile cache of Node, which stands in TMPDIR. */
function leftIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'node-compile-cache')
}

function isClosed(url: string): Promise<boolean> {
  return fetch(url, { method: 'POST' }).then(
    () => false,
    () => true,
  )
}
