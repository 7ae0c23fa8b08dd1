// An upstream that hangs, is slow to connect, is flooded, or fails over and over: what it costs the callers of others,
// and that nothing is sent twice. Rows of D about what stands behind the gateway.
import { createServer } from 'node:net'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import type { HttpUpstreamSettings } from '../../src/core/settings.ts'
import { STOPPING } from '../../src/upstream/failure.ts'
import { createUpstream, type Sent } from '../../src/upstream/upstream.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'
import { openStream, startEvents } from '../support/stream.ts'
import { type Respond, startUpstream } from '../support/upstream.ts'
import { GET_REQUEST, writeHeaders } from '../support/upstream-request.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

async function start(options: TestGatewayOptions): Promise<TestGateway> {
  gateway = await startTestGateway(options)
  return gateway
}

const hang: Respond = () => {}

test('D06 an upstream that accepts and never answers: 504', async () => {
  const { post, upstream } = await start({ upstream: 'timeout: 100ms,' })
  upstream.respond = hang
  expect((await post(toolCall('safe'))).status).toBe(504)
})

test('D06 headers and then silence: no answer', async () => {
  const { post, upstream } = await start({ upstream: 'idle_timeout: 100ms,' })
  upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"jsonrpc"')
  }
  expect((await post(toolCall('safe'))).status).toBe(502)
})

test('D06 half an answer and then silence: it is cut, and does not look whole', async () => {
  const { post, upstream } = await start({ upstream: 'idle_timeout: 100ms,' })
  upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"jsonrpc":"2.0","id":1,"result":{')
  }
  const answer = await post(toolCall('safe'))
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
})

test('D06 a stream has an idle time of its own, longer than the time for an answer', async () => {
  const started = await start({ upstream: 'timeout: 50ms, idle_timeout: 1s,' })
  started.upstream.respond = (_request, response) => {
    startEvents(response, ': open\n\n')
    setTimeout(() => response.end('data: {"late":1}\n\n'), 150)
  }
  const { body, headers } = modern('tools/call', { name: 'safe', arguments: {} }, { name: 'safe' })
  const authorization = `Bearer ${started.token()}`
  const stream = await openStream(started.resource, {
    method: 'POST',
    body,
    headers: { ...headers, authorization },
  })
  expect(await stream.ended).toBe('whole')
  expect(stream.text()).toContain('"late":1')
})

test('D07 R19 a connection that does not come to stand: 504 after connect_timeout', async () => {
  const silent = createServer(() => {}) // it speaks no TLS, so that the handshake never ends
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as { port: number }
  const { post, audit } = await start({
    upstreamUrl: `https://127.0.0.1:${port}/mcp`,
    upstream: 'connect_timeout: 100ms,',
    auditRequired: true,
  })
  expect((await post(toolCall('safe'))).status).toBe(504)
  expect(audit().at(-1)).toMatchObject({ reason: 'upstream_timeout' })
})

test('D08 a route whose upstream hangs takes nothing from another route', async () => {
  const other = await startUpstream()
  onTestFinished(() => other.close())
  const second = `
      rules: [{ tools: [safe] }]
  - name: b
    path: /mcp/b
    upstream: ${other.url}
    issuers: [as1]
    policy: { rules: [{ tools: [safe] }] }`
  const { post, upstream, token, origin } = await start({ policy: second })
  upstream.respond = hang
  const hung = Array.from({ length: 200 }, () => post(toolCall('safe')).catch(() => undefined))
  await expect.poll(() => upstream.received.length, { timeout: 15_000 }).toBe(200)
  const authorization = `Bearer ${token('a', { aud: `${origin}/mcp/b` })}`
  const answers = Array.from({ length: 50 }, () => post(toolCall('safe'), { authorization }, '/mcp/b'))
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(50).fill(200))
  await gateway.running.close(0)
  await Promise.all(hung)
})

const SETTINGS: Omit<HttpUpstreamSettings, 'url'> = {
  transport: 'http',
  connectTimeoutMs: 5_000,
  timeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  ca: undefined,
  passQuery: false,
  badRequestEndsSession: false,
  keepAliveMs: 4_000,
}

test('D08 requests that wait for a connection are bounded: one more is refused, and one that ends makes room', async () => {
  const silent = await startUpstream(hang)
  const bounds = { streams: 10, sharePerCaller: 0.25 }
  const upstream = createUpstream({ ...SETTINGS, url: silent.url }, 'u', writeHeaders, bounds)
  const sendFor = (caller: string): Sent =>
    upstream.send({ caller, isStream: false, ...GET_REQUEST, bufferJsonUpTo: 0 })
  // Four callers hold 256 connections each, and 256 more of theirs wait.
  const waiting = Array.from({ length: 2_048 }, (_, index) => sendFor(`caller ${index % 4}`))
  expect(await sendFor('another').reply).toMatchObject({ ok: false, refusal: { reason: 'overloaded' } })
  waiting[0]?.abort()
  await waiting[0]?.reply
  const next = sendFor('another')
  upstream.close()
  expect(await next.reply).toEqual({ ok: false, refusal: STOPPING }) // it was waiting
  await Promise.all(waiting.map(({ reply }) => reply))
  await silent.close()
})

const FAILURES: readonly (readonly [what: string, respond: Respond])[] = [
  ['502', (_request, response) => response.writeHead(502).end()],
  ['a reset', (_request, response) => response.socket?.resetAndDestroy()],
  [
    'a reset after the head',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{', () => response.socket?.resetAndDestroy())
    },
  ],
]
test.each(FAILURES)('D09 %s is not tried again: one call, one request', async (_what, respond) => {
  const { post, upstream } = await start({})
  await post(toolCall('safe'))
  upstream.respond = respond
  const before = upstream.received.length
  for (let call = 0; call < 5; call += 1) expect((await post(toolCall('safe'))).status).toBe(502)
  expect(upstream.received.length - before).toBe(5)
})
