// docs/library.md: its programs compile against the declarations that are shipped, and each of them serves as the page says,
// from the package by its name. They run as processes of their own, in a folder below this one.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { toolCall } from '../support/gateway.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'
import { blocksOf, ROOT, textOf, wordOf } from './page.ts'

const FOLDER = fileURLToPath(new URL('build/library-page/', ROOT))
const NODE = fileURLToPath(new URL('node_modules/.bin/node', ROOT))
const files = blocksOf('docs/library.md').flatMap((block) => {
  const name = wordOf(block, 'file')
  return name === undefined ? [] : { name, text: block.text }
})

const TSCONFIG = {
  compilerOptions: {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true },
    ...{ module: 'nodenext', target: 'es2024', lib: ['es2024'], types: ['node'] },
    ...{ verbatimModuleSyntax: true, allowImportingTsExtensions: true, skipLibCheck: true },
  },
  include: ['*.ts'],
}

let upstream: TestUpstream
let port: number
beforeAll(async () => {
  upstream = await startUpstream()
  port = await freePort()
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  for (const { name, text: words } of files) writeFileSync(FOLDER + name, words)
  const yaml = files.find(({ name }) => name === 'gateway.yaml')?.text ?? ''
  const here = yaml.replace('http://127.0.0.1:3001/mcp', upstream.url)
  const ports = `listen: 127.0.0.1:${port}\nadmin: { listen: 127.0.0.1:0 }\n`
  writeFileSync(`${FOLDER}gateway.yaml`, here + ports)
})
afterAll(() => upstream.close())

function compile(options: object): string {
  writeFileSync(`${FOLDER}tsconfig.json`, JSON.stringify(options))
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT))
  try {
    execFileSync(NODE, [tsc, '-p', FOLDER], { encoding: 'utf8' })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

test('the page has its programs', () => {
  expect(files.map(({ name }) => name)).toEqual([
    ...['gateway.yaml', 'settings.ts', 'verifier.ts', 'hono.ts', 'express.ts', 'node.ts', 'own-server.ts'],
  ])
})

test('the whole app in Hono has at most twenty lines, and the verifier as many', () => {
  const lines = (wanted: string) =>
    files
      .find(({ name }) => name === wanted)
      ?.text.trim()
      .split('\n').length
  expect(lines('hono.ts')).toBeLessThanOrEqual(20)
  expect(lines('verifier.ts')).toBeLessThanOrEqual(20)
})

describe('the declarations that are shipped', () => {
  test('the programs of the page compile against them', () => {
    expect(compile(TSCONFIG)).toBe('')
  })

  test('they name no package that is not installed with this one', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { readonly dependencies: object }
    const seen = new Set<string>()
    const packages = new Set<string>()
    const visit = (path: string) => {
      if (seen.has(path)) return
      seen.add(path)
      for (const [, from = ''] of textOf(path).matchAll(/(?:from|import\() ?'([^']+)'/g)) {
        if (from.startsWith('.')) visit(join(dirname(path), from.replace(/\.ts$/, '.d.ts')))
        else if (!from.startsWith('node:')) packages.add(from)
      }
    }
    visit('dist/library.d.ts')
    expect(seen.size).toBeGreaterThan(10)
    expect([...packages].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([])
  })

  test('they have no error of their own', () => {
    const use = "import * as portcullis from 'portcullis'\nexport const { createHandler } = portcullis\n"
    writeFileSync(`${FOLDER}whole.ts`, use)
    const whole = { ...TSCONFIG.compilerOptions, skipLibCheck: false }
    expect(compile({ compilerOptions: whole, files: ['whole.ts'] })).toBe('')
  })

  test('a verifier that forgets the audience does not compile', () => {
    const wrong =
      "import type { Verifier } from 'portcullis'\nexport const wrong: Verifier = { verifyAccessToken: async () => ({ subject: 'a', expiresAt: 1 }) }\n"
    writeFileSync(`${FOLDER}wrong.ts`, wrong)
    expect(compile({ compilerOptions: TSCONFIG.compilerOptions, files: ['wrong.ts'] })).toContain(
      "'audience'",
    )
    rmSync(`${FOLDER}wrong.ts`)
  })
})

describe('what can be imported', () => {
  const run = (code: string) =>
    execFileSync(NODE, ['--input-type=module', '-e', code], {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
    }).trim()

  test('the names of the page', () => {
    const names = run("console.log(Object.keys(await import('portcullis')).sort().join(' '))")
    expect(names).toBe('createHandler loadConfig parseConfig renderProblem startGateway')
  })

  test('package.json, and nothing deeper', () => {
    expect(run("console.log(import.meta.resolve('portcullis/package.json'))")).toMatch(/\/package\.json$/)
    for (const inside of [
      'portcullis/dist/library.js',
      'portcullis/dist/gateway.js',
      'portcullis/src/library.ts',
    ]) {
      const code = `await import('${inside}').then(() => console.log('open'), ({ code }) => console.log(code))`
      expect(run(code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
    }
  })
})

interface Running {
  readonly child: ChildProcess
  ask(path: string, token?: string): Promise<{ readonly status: number | undefined; readonly body: string }>
}

async function start(file: string): Promise<Running> {
  const child = spawn(NODE, [file], { cwd: FOLDER, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  })
  await expect
    .poll(() => child.exitCode === null && isListening(), { timeout: 20_000 })
    .toBe(true)
    .catch(() => expect.fail(Buffer.concat(said).toString()))
  return { child, ask }
}

function isListening(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

async function ask(path: string, token?: string) {
  const method = path === '/' ? 'GET' : 'POST'
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { host: 'mcp.example.com', 'content-type': 'application/json', ...authorization }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, agent: false, headers }, resolve)
    sent.on('error', reject)
    sent.end(method === 'POST' ? JSON.stringify(toolCall('list_notes')) : undefined)
  })
  return { status: answer.statusCode, body: await text(answer) }
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve))

describe.each(['hono.ts', 'express.ts', 'node.ts', 'own-server.ts'])('%s', (file) => {
  test('serves as the page says', { timeout: 40_000 }, async () => {
    const { ask: post, child } = await start(file)
    expect((await post('/notes/mcp')).status).toBe(401)
    expect((await post('/notes/mcp', 'token-of-nobody')).status).toBe(401)
    const before = upstream.received.length
    expect(await post('/notes/mcp', 'token-of-ada')).toEqual({
      ...{ status: 200, body: '{"jsonrpc":"2.0","id":1,"result":{}}' },
    })
    expect(upstream.received[before]?.headers).toMatchObject({ 'x-mcp-subject': 'ada' })
    if (file !== 'own-server.ts') expect((await post('/')).body).toBe('a page of my own')
    if (file === 'express.ts' || file === 'own-server.ts') {
      const exit = ended(child)
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
    }
  })
})
