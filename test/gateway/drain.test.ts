// What a stop does to those who are served by it: told by /readyz before anything closes, in words when their time is over,
// and on record, each of them.
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { gatewayYaml } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { callOf } from '../support/messages.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { type Held, holdRequests, openStream, startEvents } from '../support/stream.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let issuer: TestIssuer
let upstream: TestUpstream
let gateway: GatewayProcess
let origin: string
let admin: string
let next: () => Promise<Held>

beforeEach(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream()
  next = holdRequests(upstream)
  origin = `http://127.0.0.1:${await freePort()}`
  admin = `127.0.0.1:${await freePort()}`
})
afterEach(async () => {
  await gateway.kill()
  await upstream.close()
  await issuer.close()
})

/** What it writes on its standard output until it ends: the audit. */
async function start(top: string): Promise<{ readonly audit: Promise<string> }> {
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url }
  const yaml = gatewayYaml({ ...urls, auditFile: 'stdout', admin: `{ listen: "${admin}" }`, top })
  gateway = await startProcess({ yaml, stdout: 'pipe' })
  await gateway.said('"event":"listening"')
  return { audit: text(gateway.child.stdout as NodeJS.ReadableStream) }
}

const readyz = async (more = '') => (await fetch(`http://${admin}/readyz${more}`)).status

function send(id: number) {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: 'user-1', client_id: 'c', scope: 'a' }
  const authorization = `Bearer ${issuer.sign({ ...claims, iat: now, exp: now + 600 })}`
  const { body, headers } = callOf('legacy', 'safe', id)
  return openStream(`${origin}/mcp/a`, { method: 'POST', body, headers: { ...headers, authorization } })
}

describe('S44 the drain is over', () => {
  test('calls are answered in words, and each is on record', { timeout: 30_000 }, async () => {
    const { audit } = await start('drain: 1s')
    const streaming = send(1)
    startEvents((await next()).response, ': open\n\n')
    const stream = await streaming
    const waiting = send(2)
    await next()
    const before = performance.now()
    gateway.child.kill('SIGTERM')
    const answer = await waiting
    expect(await stream.ended).toBe('whole')
    expect(stream.text()).toMatch(/"id":1,"error":\{"code":-32603,"message":"The gateway is stopping"/)
    await answer.ended
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
    expect(answer.text()).toMatch(/"id":2,"error":\{"code":-32603/)
    expect(await gateway.ended).toBe(0)
    expect(performance.now() - before).toBeLessThan(9_000)
    const lines = (await audit)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const decisions = lines.filter(({ event }) => event === 'decision')
    expect(decisions).toHaveLength(2)
    expect(decisions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 200, rpc: 'error', ending: 'gateway_closed' }),
        expect.objectContaining({ status: 503, reason: 'overloaded', detail: 'the gateway is stopping' }),
      ]),
    )
  })
})

describe('S45 a balancer that has not noticed yet', () => {
  test('/readyz is 503 from the signal on, and new calls are served for the delay', async () => {
    await start('drain_delay: 3s')
    upstream.respond = (_request, response) => response.writeHead(202).end()
    expect(await readyz()).toBe(200)
    expect(await readyz('/shutdown')).toBe(200)
    gateway.child.kill('SIGTERM')
    await expect.poll(() => readyz()).toBe(503)
    expect(await readyz('/shutdown')).toBe(503)
    expect((await send(1)).status).toBe(202)
    expect(await gateway.ended).toBe(0)
  })

  test('/readyz is 503 while the last calls finish', async () => {
    await start('drain: 10s')
    const calling = send(1)
    const { response } = await next()
    gateway.child.kill('SIGTERM')
    await expect.poll(() => readyz()).toBe(503)
    response.writeHead(202).end()
    expect((await calling).status).toBe(202)
    expect(await gateway.ended).toBe(0)
  })
})
