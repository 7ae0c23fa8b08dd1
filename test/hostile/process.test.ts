// The gateway as a process that runs short of memory or of file descriptors, or meets faults that come after the head of
// an answer: it says no for a while, and serves on. And what a dump of it holds.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LISTENER_LIMITS } from '../../src/http/listen.ts'
import { freePort } from '../support/free-port.ts'
import { DEFAULT_POLICY, gatewayYaml, toolCall } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { echoResult, startUpstream, type TestUpstream } from '../support/upstream.ts'

let issuer: TestIssuer
let upstream: TestUpstream
let gateway: GatewayProcess
let origin: string

beforeEach(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream()
  origin = `http://127.0.0.1:${await freePort()}`
})
afterEach(async () => {
  await gateway.kill()
  await upstream.close()
  await issuer.close()
})

function yaml(): string {
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url, auditFile: 'stdout' }
  return gatewayYaml({ ...urls, policy: DEFAULT_POLICY, route: '    limits: { body: 8MiB }' })
}

function authorization(claims: object = {}): string {
  const now = Math.floor(Date.now() / 1_000)
  const usual = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: 'user-1', client_id: 'c', scope: 'a' }
  return `Bearer ${issuer.sign({ ...usual, iat: now, exp: now + 600, ...claims })}`
}

/** The status of a call on a connection of its own; 0 when there was no answer. */
async function call(
  body: object = toolCall('safe'),
  credential = authorization(),
  connection: 'close' | 'keep-alive' = 'close',
): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: credential, connection }
  const sent = fetch(`${origin}/mcp/a`, { method: 'POST', headers, body: JSON.stringify(body) })
  return sent.then(
    async (answer) =>
      answer.text().then(
        () => answer.status,
        () => 0,
      ),
    () => 0,
  )
}

test('F10 with little memory it refuses bodies before it runs out, and takes some again', {
  timeout: 60_000,
}, async () => {
  gateway = await startProcess({ yaml: yaml(), flags: ['--max-old-space-size=64'] })
  const large = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'safe', arguments: { a: 'x'.repeat(7 << 20) } },
  }
  const { hostname, port } = new URL(origin)
  const text = JSON.stringify(large)
  const answers: string[] = []
  /** All but the last byte of a large body on each connection. */
  const crowd = (subjects: readonly string[]) =>
    subjects.map((sub): Socket => {
      const socket = connect(Number(port), hostname)
      socket
        .setEncoding('latin1')
        .on('data', (part) => answers.push(String(part)))
        .on('error', () => {})
      const fields = `Host: ${hostname}:${port}\r\nAuthorization: ${authorization({ sub })}\r\nContent-Type: application/json`
      socket.write(
        `POST /mcp/a HTTP/1.1\r\n${fields}\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, -1)}`,
      )
      return socket
    })
  const refused = (status: number) => () =>
    answers.filter((answer) => answer.startsWith(`HTTP/1.1 ${status}`)).length
  const sockets = crowd(Array.from({ length: 10 }, () => 'greedy'))
  await expect.poll(refused(429), { timeout: 15_000 }).toBeGreaterThan(3)
  sockets.push(...crowd(Array.from({ length: 30 }, (_, index) => `user-${index % 8}`)))
  await expect.poll(refused(503), { timeout: 15_000 }).toBeGreaterThan(10)
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => call(large), { timeout: 20_000 }).toBe(200)
  expect(gateway.child.exitCode).toBe(null)
})

test('F11 without a file descriptor left it answers nobody wrongly, and recovers', {
  timeout: 60_000,
}, async () => {
  gateway = await startProcess({ yaml: yaml(), maxOpenFiles: 64 })
  expect(await call()).toBe(200)
  const { hostname, port } = new URL(origin)
  const crowd = Array.from({ length: 200 }, () => connect(Number(port), hostname).on('error', () => {}))
  const calls = Array.from({ length: 20 }, async (_, index) => {
    const tool = index % 2 === 0 ? 'safe' : 'danger'
    return [tool, await call(toolCall(tool))] as const
  })
  const told = await Promise.all(calls)
  for (const [tool, status] of told)
    expect(tool === 'safe' ? [0, 200, 502, 503] : [0, 403, 503]).toContain(status)
  expect(told.some(([, status]) => status === 0 || status > 500)).toBe(true)
  expect(upstream.received.every(({ body }) => body.includes('"safe"'))).toBe(true)
  for (const socket of crowd) socket.destroy()
  await expect.poll(() => call(), { timeout: 20_000 }).toBe(200)
  expect(await call(toolCall('danger'))).toBe(403)
  expect(gateway.child.exitCode).toBe(null)
})

test('D19 what breaks after the head of an answer, in the background or in the log ends no process', {
  timeout: 60_000,
}, async () => {
  gateway = await startProcess({ yaml: yaml(), stdout: 'pipe' })
  expect(await call()).toBe(200)
  gateway.child.stdout?.destroy()
  gateway.child.stderr?.destroy()
  for (const page of ['metadata', 'jwks'] as const) issuer.faults[page] = 'reset'
  let first = ''
  upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`${first}data: {"half"`, () => response.socket?.resetAndDestroy())
  }
  for (let round = 0; round < 25; round += 1) {
    first = 'id: 1\ndata:\n\n' // the client can come back for the rest, so its stream is cut
    expect(await call()).toBe(0)
    first = '' // it cannot, and hears an error for its id (L70)
    expect(await call()).toBe(200)
    expect(await call(toolCall('safe'), authorization({ iss: 'https://elsewhere.example' }))).toBe(401)
  }
  upstream.respond = echoResult
  expect(await call()).toBe(200)
  expect(gateway.child.exitCode).toBe(null)
})

test('K15 a token that was judged good or bad is in no dump of the heap, though its connection is open', {
  timeout: 60_000,
}, async () => {
  const dumps = mkdtempSync(join(tmpdir(), 'portcullis-heap-'))
  gateway = await startProcess({
    yaml: yaml(),
    flags: ['--heapsnapshot-signal=SIGUSR2', `--diagnostic-dir=${dumps}`],
  })
  const credentials = [{}, { exp: 1 }, { aud: 'other' }].map((claims) => authorization(claims))
  const statuses = await Promise.all(
    credentials.map((credential) => call(undefined, credential, 'keep-alive')),
  )
  expect(statuses).toEqual([200, 401, 401])
  await setTimeout(2 * LISTENER_LIMITS.checkMs) // the listener lets go of what is answered
  gateway.child.kill('SIGUSR2')
  const heap = await vi.waitFor(() => dumpIn(dumps), { timeout: 40_000, interval: 200 })
  rmSync(dumps, { recursive: true })
  expect(heap).toContain('user-1') // who called is kept
  for (const credential of credentials) expect(heap.includes(credential.slice(-40))).toBe(false)
})

/** Throws until the dump is whole. */
function dumpIn(folder: string): string {
  const [file = ''] = readdirSync(folder)
  const dump = readFileSync(join(folder, file), 'utf8')
  JSON.parse(dump)
  return dump
}
