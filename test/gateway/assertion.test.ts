// What `upstream_auth: { mode: assertion }` sends, as jose 6 verifies it by the published keys: who calls, what, and for how
// long. The gateway itself takes such a token nowhere.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'

const AUDIENCE = 'https://notes.internal'

let gateway: TestGateway
const folder = mkdtempSync(join(tmpdir(), 'portcullis-asserted-'))
afterEach(() => gateway.close())
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function start(keys = '', options: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway({
    route: `    upstream_auth: { mode: assertion, audience: "${AUDIENCE}"${keys} }`,
    top: `assertions: { keys: "${join(folder, 'keys.json')}" }\n${options.top ?? ''}`,
    ...options,
  })
  return gateway
}

function sent(header = 'x-mcp-assertion'): string {
  const value = gateway.upstream.received.at(-1)?.headers[header]
  if (typeof value !== 'string') throw new Error(`no ${header} reached the upstream`)
  return value
}

async function verified(token = sent()): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${gateway.origin}/.well-known/mcp-assertion-jwks.json`))
  const options = {
    issuer: gateway.origin,
    audience: AUDIENCE,
    typ: 'mcp-assertion+jwt',
    algorithms: ['ES256', 'EdDSA'],
  }
  return (await jwtVerify(token, keys, options)).payload
}

test('says who calls, and what', async () => {
  await start()
  const response = await gateway.post(toolCall('safe'))
  expect(response.status).toBe(200)
  const payload = await verified()
  const { iat = 0, exp = 0 } = payload
  expect(exp - iat).toBe(30)
  expect(Math.abs(iat - Date.now() / 1_000)).toBeLessThan(60)
  expect(payload).toEqual({
    iss: gateway.origin,
    aud: AUDIENCE,
    sub: 'user-1',
    sub_id: { format: 'iss_sub', iss: gateway.issuer.url, sub: 'user-1' },
    client_id: 'client-1',
    scope: 'a',
    ...{ iat, exp },
    jti: response.headers.get('x-request-id'),
    mcp_method: 'tools/call',
    mcp_name: 'safe',
  })
})

test('act and the claims that the route names go on; the others stay', async () => {
  await start(', claims: [email, groups]')
  const act = { sub: 'agent', iss: 'https://elsewhere.example' }
  const claims = { email: 'ada@example.com', groups: 'x'.repeat(5_000), other: 'here', act }
  await gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', claims)}` })
  const payload = await verified()
  expect(payload).toMatchObject({ email: 'ada@example.com', act })
  expect(Object.keys(payload)).not.toEqual(expect.arrayContaining(['groups']))
  expect(Object.keys(payload)).not.toEqual(expect.arrayContaining(['other']))
})

test('body: the digest of the very bytes that reach the upstream', async () => {
  await start(', body: true')
  await gateway.post(`{ "jsonrpc":"2.0",  "id":1, "method":"tools/call","params":{"name":"safe"} }`)
  const body = gateway.upstream.received.at(-1)?.body ?? Buffer.alloc(0)
  expect((await verified())['body_sha256']).toBe(createHash('sha256').update(body).digest('base64url'))
})

test.each([
  ['a batch', [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'ping' })), '2025-03-26'],
  ['an answer to the server', { jsonrpc: '2.0', id: 1, result: {} }, '2025-06-18'],
])('%s has no one method, so its body is what it is for', async (_what, message, version) => {
  await start()
  await gateway.post(message, { 'mcp-protocol-version': version })
  const payload = await verified()
  expect(Object.keys(payload)).toEqual(expect.arrayContaining(['body_sha256']))
  expect(payload).not.toHaveProperty('mcp_method')
})

test('each call has one of its own; with reuse several calls of one caller share it', async () => {
  await start()
  const tokens: string[] = []
  for (const _ of [1, 2]) {
    await gateway.post(toolCall('safe'))
    tokens.push(sent())
  }
  expect(new Set(tokens)).toHaveLength(2)
  await gateway.close()
  await start(', reuse: true')
  const shared: string[] = []
  for (const subject of ['ada', 'ada', 'bob']) {
    await gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', { sub: subject })}` })
    shared.push(sent())
  }
  const [first, second, other] = await Promise.all(shared.map((token) => verified(token)))
  expect(first?.jti).not.toBe(other?.jti)
  expect([first?.sub, second?.sub, other?.sub]).toEqual(['ada', 'ada', 'bob'])
  expect(first).not.toHaveProperty('mcp_method')
})

test('in authorization it stands after Bearer, beside a fixed header', async () => {
  await start('', {
    route: `    upstream_auth:
      - { mode: assertion, header: Authorization, audience: "${AUDIENCE}" }
      - { mode: static, header: x-key, value: "\${KEY}" }`,
    env: { KEY: 'secret' },
  })
  await gateway.post(toolCall('safe'))
  expect(sent('x-key')).toBe('secret')
  expect(await verified(sent('authorization').replace(/^Bearer /, ''))).toMatchObject({ sub: 'user-1' })
})

test('what a client sends under that name, or instead of it, does not go on', async () => {
  await start(', header: x-who')
  await gateway.post(toolCall('safe'), {
    'x-who': 'me',
    x_who: 'me',
    'x-mcp-assertion': 'me',
    connection: 'x-who',
  })
  expect(await verified(sent('x-who'))).toMatchObject({ sub: 'user-1' })
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('x-mcp-assertion')
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('x_who')
})

test('an anonymous call has none', async () => {
  await start('', { policy: '\n      anonymous: [ping]' })
  const response = await fetch(gateway.resource, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  })
  expect(response.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('x-mcp-assertion')
})

test('the gateway takes it nowhere: not as it is, and nothing else of its type', async () => {
  await start('', { auditRequired: true })
  const published = await fetch(`${gateway.origin}/.well-known/mcp-assertion-jwks.json`)
  gateway.issuer.keys.push(...((await published.json()) as { keys: Record<string, unknown>[] }).keys)
  await gateway.post(toolCall('safe'))
  const token = sent()
  expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'mcp-assertion+jwt', alg: 'ES256' })
  const reached = gateway.upstream.received.length
  const now = Math.floor(Date.now() / 1_000)
  const claims = {
    iss: gateway.issuer.url,
    aud: gateway.resource,
    sub: 'ada',
    scope: 'a',
    iat: now,
    exp: now + 60,
  }
  const ofIssuer = gateway.issuer.sign(claims, { typ: 'mcp-assertion+jwt' })
  for (const [shown, check] of [
    [token, 'issuer'],
    [ofIssuer, 'type'],
  ] as const) {
    const response = await gateway.post(toolCall('safe'), { authorization: `Bearer ${shown}` })
    expect(response.status).toBe(401)
    expect(gateway.audit().at(-1)).toMatchObject({ reason: 'token_rejected', check })
  }
  expect(gateway.upstream.received).toHaveLength(reached)
})

test('no route that sends assertions, no keys', async () => {
  await start('', { route: '' })
  const response = await fetch(`${gateway.origin}/.well-known/mcp-assertion-jwks.json`)
  expect(response.status).toBe(404)
})
