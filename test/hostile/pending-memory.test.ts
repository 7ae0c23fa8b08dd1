// L82: the resident set of a gateway follows the bodies that were not written yet, not the calls that wait.
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { DEFAULT_POLICY, gatewayYaml } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'

const MEBIBYTE = 1024 * 1024
const CALLS = 120
const CALLERS = 8
const BODY = Buffer.from(
  JSON.stringify({
    ...{ jsonrpc: '2.0', id: 'an id that is long enough to be cut out of the text', method: 'tools/call' },
    params: { name: 'safe', arguments: { text: 'x'.repeat(2 * MEBIBYTE) } },
  }),
)

const ends: (() => unknown)[] = []
let issuer: TestIssuer
let upstream: SilentUpstream
let gateway: GatewayProcess
let origin: string

interface SilentUpstream {
  readonly url: string
  /** Bytes it took so far. */
  bytes(): number
}

/** Takes whatever it is sent and answers nothing. */
async function startSilentUpstream(): Promise<SilentUpstream> {
  let bytes = 0
  const server = createServer((socket) => {
    ends.push(() => socket.destroy())
    socket.on('error', () => {}).on('data', (piece) => (bytes += piece.length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, bytes: () => bytes }
}

beforeEach(async () => {
  issuer = await startIssuer()
  upstream = await startSilentUpstream()
  origin = `http://127.0.0.1:${await freePort()}`
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url, auditFile: 'stdout' }
  const route = '    limits: { body: 4MiB }'
  gateway = await startProcess({ yaml: gatewayYaml({ ...urls, policy: DEFAULT_POLICY, route }) })
})
afterEach(async () => {
  for (const end of ends.splice(0)) end()
  await gateway.kill()
  await issuer.close()
})

/** In MiB (proc(5)). */
function resident(): number {
  const status = readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

/** Sends a large call on a connection of its own, and leaves it open. */
function call(subject: string): void {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: subject, client_id: 'c', scope: 'a' }
  const token = issuer.sign({ ...claims, iat: now, exp: now + 600 })
  const { hostname, port, host } = new URL(origin)
  const socket: Socket = connect(Number(port), hostname)
  ends.push(() => socket.destroy())
  const head = `POST /mcp/a HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n`
  socket.write(`${head}content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`)
  socket.write(BODY)
}

test('L82 240 MiB of bodies that were written leave no more than a third of them resident', async (context) => {
  if (!existsSync('/proc/self/status')) {
    console.warn('skipped: the resident set is read from /proc (Linux)')
    return context.skip('the resident set is read from /proc (Linux)')
  }
  const before = resident()
  for (let sent = 1; sent <= CALLS; sent += 1) {
    call(`caller-${sent % CALLERS}`)
    await expect.poll(upstream.bytes, { timeout: 10_000, interval: 5 }).toBeGreaterThan(sent * BODY.length)
  }
  expect(resident() - before).toBeLessThan((CALLS * BODY.length) / MEBIBYTE / 3)
}, 90_000)
