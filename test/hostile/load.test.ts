// Many requests, broken and whole: what they leave behind, how much they write, and how callers come back after an
// outage. Rows of D about the process itself. Nothing here is measured in time.
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { aimAt, JSON_TYPE, post } from '../support/attack.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { openStream, startEvents } from '../support/stream.ts'
import { echoResult } from '../support/upstream.ts'
import { overWire } from '../support/wire.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway(options)
  return gateway
}

/** Writes bytes and closes at once, with a FIN or a RST. */
function hitAndRun(bytes: string, how: 'destroy' | 'resetAndDestroy'): Promise<void> {
  const { hostname, port } = new URL(gateway.origin)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes, () => socket[how]())
    })
    socket.on('error', () => {}).on('close', () => resolve())
  })
}

/** An event stream that is left after its first event. */
async function peek(authorization: string): Promise<void> {
  const stream = await openStream(gateway.resource, { headers: { authorization } })
  await stream.until('\n\n')
  stream.leave()
  await stream.ended
}

async function mixed(rounds: number): Promise<void> {
  const aim = aimAt(gateway)
  const nobody = post({ ...aim, head: `Host: ${aim.host}\r\n` })
  const whole = [
    post(aim),
    nobody,
    post(aim, '', '{"jsonrpc"'),
    post(aim, '', '[]'),
    'GET /x HTTP/1.1\r\n\r\n',
  ]
  const half = [post(aim).slice(0, -5), `POST /mcp/a HTTP/1.1\r\n${aim.head}${JSON_TYPE}`, '', '\x16\x03\x01']
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([
      ...whole.map((bytes) => overWire(gateway.origin, bytes, 1)),
      ...half.map((bytes) => hitAndRun(bytes, round % 2 === 0 ? 'destroy' : 'resetAndDestroy')),
      peek(`Bearer ${aim.token}`),
    ])
  }
}

function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0 // another system; the handles below tell the same
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

const handles = () => process.getActiveResourcesInfo().length

test('D17 D18 D23 requests that end in every way leave nothing behind', { timeout: 120_000 }, async () => {
  const { upstream } = await start({ route: '    limits: { rate: { failed_auth_per_address: 100000/s } }' })
  upstream.respond = (request, response) => {
    if (request.method === 'GET') startEvents(response, 'data: {}\n\n')
    else echoResult(request, response)
  }
  const warnings: Error[] = []
  const warned = (warning: Error) => void warnings.push(warning)
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))

  await mixed(30)
  await expect.poll(() => upstream.sockets.size, { timeout: 15_000 }).toBeLessThan(20)
  const before = { handles: handles(), descriptors: descriptors(), heap: heapBytes() }
  upstream.received.length = 0
  await mixed(150)
  upstream.received.length = 0
  await expect.poll(handles, { timeout: 15_000 }).toBeLessThanOrEqual(before.handles + 10)
  await expect.poll(descriptors, { timeout: 15_000 }).toBeLessThanOrEqual(before.descriptors + 10)
  await expect.poll(() => heapBytes() - before.heap, { timeout: 15_000 }).toBeLessThan(3_000_000)
  expect(warnings).toEqual([])
  const [answer] = await overWire(gateway.origin, post(aimAt(gateway)), 1)
  expect(answer?.status).toBe(200)
})

test('D13 K05 what a refusal writes is short, however much was sent', async () => {
  await start({ auditRequired: true })
  const aim = aimAt(gateway)
  const long = `User-Agent: ${'u'.repeat(8_000)}\r\nX-Request-Id: ${'r'.repeat(2_000)}\r\n`
  const nobody = post({ ...aim, head: `Host: ${aim.host}\r\n` }, long)
  for (let count = 0; count < 50; count += 1) await overWire(gateway.origin, nobody, 1)
  const lines = gateway.audit().map((line) => JSON.stringify(line).length)
  expect(lines).toHaveLength(50)
  expect(Math.max(...lines)).toBeLessThan(675) // 75 of them are the digest of the policy
})

test('D16 a list too large to be read is not passed on', async () => {
  const { upstream, post: send } = await start()
  const tool = `{"name":"safe","description":"${'x'.repeat(1 << 20)}"}`
  upstream.respond = (_request, response) => {
    response.on('error', () => {}).writeHead(200, { 'content-type': 'application/json' })
    response.write('{"jsonrpc":"2.0","id":1,"result":{"tools":[')
    for (let count = 0; count < 17; count += 1) response.write(`${tool},`)
    response.end(`${tool}]}}`)
  }
  const answer = await send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  expect([answer.status, (await answer.text()).length < 500]).toEqual([502, true])
})

test('D24 after an outage callers are sent away for different times, and cost the issuer one question', async () => {
  const {
    issuer,
    token,
    post: send,
  } = await start({
    prepare: ({ issuer: down }) => {
      down.faults.metadata = { status: 503 }
    },
    route: '    limits: { rate: { failed_auth_per_address: 100000/s } }',
  })
  const call = (jti: number) =>
    send(toolCall('safe'), { authorization: `Bearer ${token('a', { jti: String(jti) })}` })
  const herd = () => Promise.all(Array.from({ length: 60 }, (_, jti) => call(jti)))
  const refused = await herd()
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
  const waits = refused.map(({ headers }) => Number(headers.get('retry-after')))
  expect([Math.min(...waits), Math.max(...waits)]).toEqual([2, 4])

  delete issuer.faults.metadata
  const before = issuer.requests.jwks
  await expect.poll(async () => (await call(0)).status, { timeout: 15_000 }).toBe(200)
  expect(new Set((await herd()).map(({ status }) => status))).toEqual(new Set([200]))
  expect(issuer.requests.jwks - before).toBe(1)
})
