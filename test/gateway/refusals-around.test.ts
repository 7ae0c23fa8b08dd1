// The reasons that need something around the gateway to be wrong: Host, issuers, the upstream, limits, the audit.
import { afterEach, expect, test } from 'vitest'
import type { Reason } from '../../src/core/refusal.ts'
import { UNAVAILABLE, type UsedProofs } from '../../src/core/shared-state.ts'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { JKT, proofFor } from '../support/dpop.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { sendJson } from '../support/upstream.ts'
import { fieldOf, overWire } from '../support/wire.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway({ auditRequired: true, ...options })
  return gateway
}

interface Heard {
  readonly status: number
  readonly retryAfter?: string
  readonly body: unknown
}

/** The answer, the audit line, and how many requests reached the upstream. */
async function check(response: Response, reason: Reason, heard: Heard, reached = 0): Promise<void> {
  expect(response.status).toBe(heard.status)
  expect(response.headers.get('retry-after')).toBe(heard.retryAfter ?? null)
  expect(response.headers.get('www-authenticate')).toBeNull()
  expect(await response.json()).toEqual(heard.body)
  expect(gateway.upstream.received.length).toBe(reached)
  expect(gateway.audit().at(-1)).toMatchObject({ decision: 'refused', reason, status: heard.status })
}

const rpc = (code: number, message: string) => ({ jsonrpc: '2.0', id: 1, error: { code, message } })
const NOT_PROPERLY = rpc(-32603, 'The MCP server behind the gateway did not answer properly')
const NOT_IN_TIME = rpc(-32603, 'The MCP server behind the gateway did not answer in time')

test('host_forbidden (M59)', async () => {
  const { origin } = await start()
  const [answer] = await overWire(origin, 'POST /mcp/a HTTP/1.1\r\nHost: evil.example\r\n\r\n', 1)
  expect(answer?.status).toBe(403)
  expect(fieldOf(answer, 'www-authenticate')).toBeUndefined()
  expect(JSON.parse(answer?.body ?? '')).toEqual({
    error: 'forbidden',
    error_description: 'This host name is not served here',
  })
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'host_forbidden', status: 403 })
})

test('token_malformed (R4, J71): two Authorization headers', async () => {
  const { origin, token } = await start()
  const head = `Host: ${new URL(origin).host}\r\nAuthorization: Bearer ${token()}\r\n`
  const [answer] = await overWire(origin, `POST /mcp/a HTTP/1.1\r\n${head}Authorization: Bearer x\r\n\r\n`, 1)
  expect(answer?.status).toBe(400)
  expect(fieldOf(answer, 'www-authenticate')).toBe(
    `Bearer error="invalid_request", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp/a"`,
  )
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: 'invalid_request' })
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'token_malformed', status: 400 })
})

test('dpop_rejected (R18, CHL-13)', async () => {
  const { resource, token, origin } = await start({ route: '    dpop: require' })
  const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp/a"`
  const bare = await fetch(resource, { method: 'POST' })
  expect(bare.headers.get('www-authenticate')).toBe(
    `Bearer ${metadata}, scope="a", DPoP algs="ES256 EdDSA PS256 RS256", ${metadata}`,
  )
  const response = await fetch(resource, { method: 'POST', headers: { authorization: `Bearer ${token()}` } })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe(
    `DPoP error="invalid_token", algs="ES256 EdDSA PS256 RS256", ${metadata}`,
  )
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'dpop_rejected', status: 401 })
})

const INTROSPECTION = `
    validation: introspection
    introspection: { client_id: gw, client_secret: "\${SECRET}" }`

test('issuer_unreachable (CHL-16): 503, never 401', async () => {
  const { post, issuer } = await start({ issuer: INTROSPECTION, env: { SECRET: 'a secret for the test' } })
  issuer.faults.introspection = { status: 500 }
  const response = await post(toolCall('safe'))
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  await check(response, 'issuer_unreachable', {
    status: 503,
    retryAfter: response.headers.get('retry-after') ?? '',
    body: {
      error: 'temporarily_unavailable',
      error_description: 'The token cannot be checked right now',
    },
  })
})

test('rate_limited: 429 with Retry-After', async () => {
  const { post } = await start({ route: '    limits: { rate: { per_subject: 1/min } }' })
  expect((await post(toolCall('safe'))).status).toBe(200)
  const response = await post(toolCall('safe'))
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50)
  await check(
    response,
    'rate_limited',
    {
      status: 429,
      retryAfter: response.headers.get('retry-after') ?? '',
      body: { error: 'too_many_requests', error_description: 'Too many requests' }, // its body was not read
    },
    1,
  )
})

test('body_timeout (M33)', async () => {
  const { origin, token } = await start({ bodies: { deadlineMs: 20, maxBufferedBytes: 1_000 } })
  const head = `Host: ${new URL(origin).host}\r\nAuthorization: Bearer ${token()}\r\n`
  const type = 'Content-Type: application/json\r\n'
  const answers = await overWire(origin, `POST /mcp/a HTTP/1.1\r\n${head}${type}Content-Length: 9\r\n\r\n{`)
  expect(answers.map(({ status }) => status)).toEqual([408])
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'body_timeout', status: 408 })
})

test('overloaded (D10)', async () => {
  const { post } = await start({
    top: 'limits: { share_per_caller: 100% }',
    bodies: { deadlineMs: 1_000, maxBufferedBytes: 10 },
  })
  await check(await post(toolCall('safe')), 'overloaded', {
    status: 503,
    retryAfter: '1',
    body: { error: 'temporarily_unavailable', error_description: 'The gateway is busy' },
  })
})

test('audit_unavailable (F17): no record, no call', async () => {
  gateway = await startTestGateway({ auditRequired: true, auditFile: '/dev/full' })
  const response = await gateway.post(toolCall('safe'))
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(await response.json()).toEqual(rpc(-32603, 'The gateway cannot record this call'))
  expect(gateway.upstream.received).toHaveLength(0)
})

test('state_unavailable: a proof that may have been used elsewhere is not taken, and a token without one is', async () => {
  const usedProofs = (): UsedProofs => ({ remember: () => UNAVAILABLE })
  const { post, token, resource } = await start({
    state: { ...createStateInMemory(), usedProofs },
    route: '    dpop: accept',
  })
  const bound = token('a', { cnf: { jkt: JKT } })
  const headers = { authorization: `DPoP ${bound}`, dpop: proofFor(resource, bound) }
  await check(await post(toolCall('safe'), headers), 'state_unavailable', {
    status: 503,
    retryAfter: '1',
    body: {
      error: 'temporarily_unavailable',
      error_description: 'The gateway cannot check this request right now',
    },
  })
  expect((await post(toolCall('safe'))).status).toBe(200)
})

test('upstream_unreachable (R19)', async () => {
  const { post, upstream } = await start()
  upstream.respond = (_request, response) => void response.socket?.resetAndDestroy()
  await check(await post(toolCall('safe')), 'upstream_unreachable', { status: 502, body: NOT_PROPERLY }, 1)
})

test.each([
  [301, { location: 'https://evil.example' }],
  [307, { location: '/elsewhere' }],
  [401, { 'www-authenticate': 'Bearer resource_metadata="http://internal/"' }],
  [403, { 'www-authenticate': 'Bearer error="insufficient_scope"' }],
  [407, { 'proxy-authenticate': 'Basic' }],
])('upstream_invalid (R19, FWD-10): an upstream’s %i is a 502', async (status, headers) => {
  const { post, upstream } = await start()
  upstream.respond = (_request, response) => void response.writeHead(status, headers).end('internal')
  const response = await post(toolCall('safe'))
  expect(response.headers.get('location')).toBeNull()
  await check(response, 'upstream_invalid', { status: 502, body: NOT_PROPERLY }, 1)
})

test('upstream_timeout (R19)', async () => {
  const { post, upstream } = await start({ upstream: 'timeout: 10ms,' })
  upstream.respond = () => {}
  await check(await post(toolCall('safe')), 'upstream_timeout', { status: 504, body: NOT_IN_TIME }, 1)
})

test('R10: the upstream’s own answer to an unknown tool is relayed as it is', async () => {
  const { post, upstream } = await start()
  const unknown = rpc(-32602, 'Unknown tool: safe')
  upstream.respond = (_request, response) => sendJson(response, 200, unknown)
  const response = await post(toolCall('safe'))
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual(unknown)
})
