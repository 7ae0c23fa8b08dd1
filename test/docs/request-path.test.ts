// ARCHITECTURE.md says which files a request goes through, in the order of their first calls. Here the order is traced: a
// gateway runs with every function of src noting its file (test/support/trace-hook.mjs).
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { gatewayYaml } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { callOf, legacy, type Sendable } from '../support/messages.ts'
import { type GatewayProcess, SOURCES, startProcess } from '../support/process.ts'
import { echoResult, sendEvents, startUpstream, type TestUpstream } from '../support/upstream.ts'
import { textOf } from './page.ts'

const HOOK = new URL('../support/trace-hook.mjs', import.meta.url).pathname
const LIST = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"safe"},{"name":"danger"}]}}'

let issuer: TestIssuer
let upstream: TestUpstream
let gateway: GatewayProcess
let origin: string
let folder: string
let bearer: string

beforeAll(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream((request, response) => {
    const { socket } = response
    socket?.cork() // in one piece, so that it is read in one turn
    if (request.body.includes('tools/list')) sendEvents(response, [`data: ${LIST}\n\n`])
    else echoResult(request, response)
    setImmediate(() => socket?.uncork())
  })
  origin = `http://127.0.0.1:${await freePort()}`
  folder = mkdtempSync(join(tmpdir(), 'portcullis-trace-'))
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: 'user-1', client_id: 'c', scope: 'a' }
  bearer = `Bearer ${issuer.sign({ ...claims, iat: now, exp: now + 600 })}`
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url }
  gateway = await startProcess({
    main: SOURCES,
    yaml: gatewayYaml({ ...urls, auditFile: 'stdout' }),
    flags: ['--import', HOOK],
    // Started by npx, it would look for npx beside the request.
    env: { TRACE_FILE: join(folder, 'trace.json'), npm_command: 'run' },
  })
}, 60_000)
afterAll(async () => {
  await gateway.kill()
  await upstream.close()
  await issuer.close()
  rmSync(folder, { recursive: true, force: true })
})

async function send({ body, headers }: Sendable): Promise<string> {
  const all = { 'content-type': 'application/json', ...headers, authorization: bearer }
  const response = await fetch(`${origin}/mcp/a`, {
    method: 'POST',
    headers: all,
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return response.text()
}

/** What looks at files and connections on its own, at intervals. */
const BESIDE: readonly string[] = [
  'config/watch-files.ts',
  'http/slow-clients.ts',
  'observe/refusal-lines.ts',
]

/** Files entered since it was asked last, until none is any more: what follows the answer is part of the way. */
async function entered(): Promise<readonly string[]> {
  const all = new Set<string>()
  for (;;) {
    await sleep(300)
    const more = (await traced()).filter((file) => !BESIDE.includes(file))
    if (more.length === 0) return [...all]
    for (const file of more) all.add(file)
  }
}

async function traced(): Promise<readonly string[]> {
  const file = join(folder, 'trace.json')
  rmSync(file, { force: true })
  gateway.child.kill('SIGUSR2')
  while (!existsSync(file)) await sleep(10)
  return JSON.parse(readFileSync(file, 'utf8')) as readonly string[]
}

/** The files that a section of the page names, in its order. */
function described(heading: string): readonly string[] {
  const [, section = ''] = textOf('ARCHITECTURE.md').split(`### ${heading}\n`)
  const [steps = ''] = section.split('\n#')
  return [...steps.matchAll(/`([\w/-]+\.ts)`/g)].map(([, file]) => file as string)
}

test.each([
  ['A call of a tool', callOf('legacy')],
  ['A list of tools as an event stream', legacy('tools/list')],
])(
  '%s goes through the files that the page names, in that order',
  async (heading, message) => {
    await send(message) // the token and the connection are known from here on
    await entered()
    const pages = described(heading)
    let files: readonly string[] = []
    // The audit is flushed, and parts are looked at, at intervals: in the midst of one request, not of ten.
    for (let tries = 0; tries < 10 && !isDeepStrictEqual(files, pages); tries += 1) {
      await send(message)
      files = await entered()
    }
    expect(files.length).toBeGreaterThan(20)
    expect(pages).toEqual(files)
  },
  60_000,
)
