// What a person at a terminal sees of a gateway that serves, over real sockets: a line for each call; JSON elsewhere. A
// terminal that takes nothing holds no call back, and not the end either.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, type TestContext, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { post } from '../../as/clients/whole.ts'
import { freePort } from '../../support/free-port.ts'
import { BUNDLE } from '../../support/process.ts'
import { until } from '../../support/redis.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { type AtTerminal, startAtTerminal, whyNoTerminal } from '../shared/pseudo-terminal.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'
import { PASSWORD, tokenFor } from './signed-in.ts'

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'safe', arguments: {} } }

const missing = whyNoTerminal()
if (missing !== undefined) console.warn(`skipped: ${missing}`)

let upstream: TestUpstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

interface Place {
  readonly cwd: string
  readonly origin: string
  readonly admin: string
}

/** A folder with a file of `protect`, and ada in its data. */
async function prepare(context: TestContext, change = (yaml: string) => yaml): Promise<Place> {
  if (missing !== undefined && process.env['CI'] !== 'true') context.skip(missing)
  const [listen, admin] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const io = recordingIo({ stdin: PASSWORD })
  const reach = ['--listen', listen, '--admin', admin, '--user', 'ada', '--password-stdin']
  expect(await cli(['protect', upstream.url, ...reach, '--write', '-'], io)).toBe(0)
  const cwd = folderWith({ 'gateway.yaml': change(io.out().replace(/^audit:.*\n/m, '')) })
  const adding = recordingIo({ cwd, stdin: PASSWORD })
  expect(await cli(['users', 'add', 'ada', '--password-stdin'], adding)).toBe(0)
  return { cwd, origin: `http://${listen}`, admin: `http://${admin}` }
}

interface Watched extends AtTerminal {
  /** Asks it to end, and waits until it has. */
  stop(): Promise<number | null>
}

async function runAtTerminal({ cwd, admin }: Place, ...args: string[]): Promise<Watched> {
  const command = [process.execPath, BUNDLE, 'run', '--log-level', 'silent', ...args].join(' ')
  const at = startAtTerminal(['sh', '-c', `stty cols 90; echo $$ > pid; exec ${command}`], cwd)
  onTestFinished(() => void at.end()) // also where it never serves
  const isReady = () =>
    fetch(`${admin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(isReady, 'run serves')
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'))
  let isOver = false
  const stop = async () => {
    if (!isOver) process.kill(pid, 'SIGTERM')
    isOver = true
    return await at.ended
  }
  onTestFinished(() => void stop())
  return { ...at, stop }
}

async function callsOf({ origin }: Place, client: string) {
  const url = `${origin}/mcp`
  const authorization = `Bearer ${await tokenFor(origin, url, client)}`
  return (message: object = CALL) => post(url, message, { authorization })
}

test.for([1, 2])('a line for each call, by %i processes', async (workers, context) => {
  const place = await prepare(context, (yaml) => `workers: ${workers}\n${yaml}`)
  const at = await runAtTerminal(place)
  const call = await callsOf(place, 'Claude Code')
  await at.shows('ada · Claude Code · signed in')
  expect((await call()).status).toBe(200)
  await at.shows('ada · Claude Code · safe · allowed · ')
  await call({ ...CALL, method: 'ping' })
  await call({ ...CALL, method: 'tools/list' })
  await call({ ...CALL, method: 'invented/method' })
  await at.shows('ada · Claude Code · invented/method · refused: no such method · ')
  expect(at.screen()).not.toMatch(/ping|"stream":"audit"/)
  expect(at.screen()).toMatch(/^\d\d:\d\d:\d\d /m)
})

test.for([1, 2])('a link that opens the console once, by %i processes', async (workers, context) => {
  const place = await prepare(context, (yaml) => `workers: ${workers}\n${yaml}`)
  const at = await runAtTerminal(place)
  await at.shows('/console/enter?word=')
  const [link = ''] =
    /http:\S+\/console\/enter\?word=[\w-]{43}/.exec(at.screen().replaceAll(/\r?\n/g, '')) ?? []
  expect(link.startsWith(place.admin)).toBe(true)
  const enter = () =>
    fetch(`${place.admin}/console/enter`, {
      method: 'POST',
      body: new URLSearchParams({ word: new URL(link).searchParams.get('word') ?? '' }),
      redirect: 'manual',
    })
  const answer = await enter()
  expect(answer.status).toBe(303)
  const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';')
  expect((await fetch(`${place.admin}/console`, { headers: { cookie } })).status).toBe(200)
  expect((await enter()).status).toBe(403)
  await at.shows('signed in to the console (the link of the terminal)')
})

test('a client that calls itself something evil', async (context) => {
  const place = await prepare(context)
  const at = await runAtTerminal(place)
  const call = await callsOf(place, `x${'日'.repeat(60)}\u202e · root · all · allowed`)
  await call({ ...CALL, params: { name: `n${'\u0301'.repeat(50)}\u001b[2J`, arguments: {} } })
  await at.shows('refused: its name could be read') // the rest is cut where the duration has more digits
  const calls = at
    .screen()
    .split('\n')
    .filter((line) => line.includes(' · ')) // not the link to the console
  expect(calls.length).toBeGreaterThan(0)
  for (const line of calls) expect(line.length).toBeLessThanOrEqual(90)
  expect(at.screen()).not.toContain('\u202e')
})

test('--quiet shows none; a file that names stdout gets its records, also at a terminal', async (context) => {
  const quiet = await prepare(context)
  const still = await runAtTerminal(quiet, '--quiet')
  await (await callsOf(quiet, 'desk'))()
  expect(await still.stop()).toBe(0)
  expect(still.screen().trim()).toBe('')
  const named = await prepare(context, (yaml) => `audit: { file: stdout }\n${yaml}`)
  const at = await runAtTerminal(named)
  await (await callsOf(named, 'desk'))()
  await at.shows('"stream":"audit","event":"decision"')
  expect(at.screen()).not.toContain(' · ')
})

test('in a pipe: JSON lines, as ever', async (context) => {
  const place = await prepare(context)
  const child = spawn(process.execPath, [BUNDLE, 'run', '--log-level', 'silent'], { cwd: place.cwd })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', (part) => {
    out += part
  })
  await until(
    () =>
      fetch(`${place.admin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    'run serves',
  )
  await (await callsOf(place, 'desk'))()
  child.kill('SIGTERM')
  await once(child, 'close')
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly stream: string })
  expect(lines.every(({ stream }) => stream === 'audit')).toBe(true)
  expect(out).toContain('"target":"safe"')
})

/** The terminal takes nothing from now on (XOFF). */
const CTRL_S = '\u0013'

test('a terminal that takes nothing holds no call back, nor the end', async (context) => {
  const place = await prepare(context)
  const at = await runAtTerminal(place)
  const call = await callsOf(place, 'desk')
  await call()
  await at.shows('desk · safe · allowed')
  at.type(CTRL_S)
  for (let nth = 0; nth < 40; nth += 1) expect((await call()).status).toBe(200)
  expect(await at.stop()).toBe(0)
})
