// Sessions of the revisions before 2026-07-28: the client holds a sealed id that only its own principal can use, and
// the upstream sees its own id again. Nothing is stored.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy } from '../support/messages.ts'
import { openStream } from '../support/stream.ts'
import { echoResult } from '../support/upstream.ts'

let gateway: TestGateway
let made = 0
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())
beforeEach(() => {
  gateway.upstream.respond = (request, response) => {
    if (request.body.includes('"initialize"')) {
      made += 1
      response.setHeader('mcp-session-id', `up-${made}`)
    }
    if (request.method === 'GET')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': hi\n\n')
    else if (request.method === 'DELETE') response.writeHead(200).end()
    else echoResult(request, response)
  }
})

const alice = (more: object = {}) => `Bearer ${gateway.token('a', { sub: 'alice', ...more })}`
const bob = () => `Bearer ${gateway.token('a', { sub: 'bob' })}`

/** Begins a session; the id that the client is given. */
async function begin(authorization: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const { body } = legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {} })
  const response = await gateway.post(body, { authorization, ...headers })
  expect(response.status).toBe(200)
  return response.headers.get('mcp-session-id') ?? ''
}

type Method = 'POST' | 'GET' | 'DELETE'

async function use(
  method: Method,
  authorization: string,
  headers: Readonly<Record<string, string | string[]>>,
) {
  const reached = gateway.upstream.received.length
  const call = callOf('legacy')
  const stream = await openStream(gateway.resource, {
    method,
    headers: { ...(method === 'POST' ? call.headers : {}), authorization, ...headers },
    ...(method === 'POST' ? { body: call.body } : {}),
  })
  await stream.ended
  const { status } = stream
  const seen = gateway.upstream.received.slice(reached)
  return { status, text: stream.text(), headers: stream.headers, seen }
}

const METHODS: readonly Method[] = ['POST', 'GET', 'DELETE']

describe('SES-04 S03 the id that a client holds', () => {
  test('is visible ASCII, says nothing of the upstream’s, and is another one for each session', async () => {
    const ids = [await begin(alice()), await begin(alice()), await begin(alice())]
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) {
      expect(id).toMatch(/^[\x21-\x7e]{38,1024}$/)
      expect(Buffer.from(id, 'base64url').includes('up-')).toBe(false)
    }
  })

  test('S40 LEG-02 stays the same where the upstream repeats its own on each answer', async () => {
    gateway.upstream.respond = (request, response) => {
      response.setHeader('mcp-session-id', 'up-repeated')
      echoResult(request, response)
    }
    const id = await begin(alice())
    for (const authorization of [alice(), alice({ jti: 'refreshed' }), alice()])
      expect((await use('POST', authorization, { 'mcp-session-id': id })).headers['mcp-session-id']).toBe(id)
    expect(await begin(alice())).toBe(id)
    expect(await begin(bob())).not.toBe(id)
  })

  test.each(METHODS)('S14 SES-02 %s: the upstream sees its own id, of this session', async (method) => {
    const [first, second] = [await begin(alice()), await begin(alice())]
    const upstreamIds = [`up-${made - 1}`, `up-${made}`]
    for (const [index, id] of [first, second].entries()) {
      const { status, seen } = await use(method, alice(), { 'mcp-session-id': id })
      expect(status).toBe(200)
      expect(seen[0]?.headers['mcp-session-id']).toBe(upstreamIds[index])
    }
  })

  test('SES-03 survives a token refresh, with the scopes of the new token (S02)', async () => {
    const admin = `Bearer ${gateway.token('a admin', { sub: 'alice' })}`
    const id = await begin(admin)
    const danger = callOf('legacy', 'danger')
    const call = (authorization: string) =>
      gateway.post(danger.body, { ...danger.headers, authorization, 'mcp-session-id': id })
    expect((await call(admin)).status).toBe(200)
    expect((await use('POST', alice({ jti: 'refreshed' }), { 'mcp-session-id': id })).status).toBe(200)
    expect((await call(alice({ jti: 'refreshed' }))).status).toBe(403)
  })
})

describe('S01 S08 SES-01 somebody else’s id', () => {
  const others: readonly (readonly [string, () => string])[] = [
    ['another subject', bob],
    ['another client of the same person', () => alice({ client_id: 'client-2' })],
    ['the same person without a client', () => alice({ client_id: undefined })],
  ]
  test.each(others.flatMap(([name, who]) => METHODS.map((method) => [name, method, who] as const)))(
    '%s, %s: 404, and nothing reaches the upstream',
    async (_, method, who) => {
      const id = await begin(alice())
      const { status, seen, headers, text } = await use(method, who(), { 'mcp-session-id': id })
      expect([status, seen]).toEqual([404, []])
      expect(headers['www-authenticate']).toBeUndefined()
      expect(text).toContain('ession not found')
      expect((await use(method, alice(), { 'mcp-session-id': id })).status).toBe(200)
    },
  )

  test('L21 L22 LEG-09 a stolen id and Last-Event-ID replay nothing', async () => {
    const id = await begin(alice())
    const { status, seen } = await use('GET', bob(), { 'mcp-session-id': id, 'last-event-id': '1' })
    expect([status, seen]).toEqual([404, []])
    const own = await use('GET', alice(), { 'mcp-session-id': id, 'last-event-id': '1' })
    expect(own.seen[0]?.headers['mcp-session-id']).toBe(`up-${made}`)
    expect(own.seen[0]?.headers).not.toHaveProperty('last-event-id') // no id that was given to her (S50)
  })

  test('S05 an id is no credential', async () => {
    const id = await begin(alice())
    const before = gateway.upstream.received.length
    const response = await fetch(gateway.resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'mcp-session-id': id },
      body: JSON.stringify(callOf('legacy').body),
    })
    expect(response.status).toBe(401)
    expect(gateway.upstream.received.length).toBe(before)
  })

  test('S09 notifications/cancelled works in one’s own session only', async () => {
    const id = await begin(alice())
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    const before = gateway.upstream.received.length
    expect((await gateway.post(cancel, { authorization: bob(), 'mcp-session-id': id })).status).toBe(404)
    expect(gateway.upstream.received.length).toBe(before)
    expect((await gateway.post(cancel, { authorization: alice(), 'mcp-session-id': id })).status).toBe(202)
    expect(gateway.upstream.received.at(-1)?.headers['mcp-session-id']).toBe(`up-${made}`)
  })
})

describe('S06 S03 an id that nobody was given', () => {
  const unknown: readonly (readonly [string, string])[] = [
    ['the upstream’s own', 'up-1'],
    ['a guess', '1'],
    ['a pointer', '0x7f0000001000'],
    ['long', 'x'.repeat(1_000)],
    ['a comma list', 'a, b'],
    ['empty', ''],
  ]
  test.each(unknown)('%s: refused, and nothing reaches the upstream', async (_, id) => {
    for (const method of METHODS) {
      const { status, seen } = await use(method, alice(), { 'mcp-session-id': id })
      expect(status).toBe(/^[!-~]+$/.test(id) ? 404 : 400)
      expect(seen).toEqual([])
    }
  })

  test.each(METHODS)('S06 two of them, even alike, %s', async (method) => {
    const id = await begin(alice())
    const { status, seen } = await use(method, alice(), { 'mcp-session-id': [id, id] })
    expect([status, seen]).toEqual([400, []])
  })

  test('one bit changed', async () => {
    const id = await begin(alice())
    const bytes = Buffer.from(id, 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const forged = Buffer.from(bytes)
      forged[at] = (forged[at] ?? 0) ^ 1
      const { status, seen } = await use('POST', alice(), { 'mcp-session-id': forged.toString('base64url') })
      expect([status, seen]).toEqual([404, []])
    }
  })

  test('S04 a client cannot choose one: it is dropped on initialize', async () => {
    const id = await begin(alice(), { 'mcp-session-id': 'chosen' })
    expect(gateway.upstream.received.at(-1)?.headers['mcp-session-id']).toBeUndefined()
    expect(id).not.toBe('chosen')
    expect((await use('POST', alice(), { 'mcp-session-id': id })).status).toBe(200)
  })

  test('S42 an upstream’s id of 4 KiB is good; a longer one is refused, not passed on', async () => {
    let length = 4_096
    gateway.upstream.respond = (request, response) => {
      response.setHeader('mcp-session-id', 'x'.repeat(length))
      echoResult(request, response)
    }
    const id = await begin(alice())
    expect((await use('POST', alice(), { 'mcp-session-id': id })).status).toBe(200)
    expect(gateway.upstream.received.at(-1)?.headers['mcp-session-id']).toBe('x'.repeat(length))
    length += 1
    const { body } = legacy('initialize', { protocolVersion: '2025-11-25' })
    const response = await gateway.post(body, { authorization: alice() })
    expect(response.status).toBe(502)
    expect(response.headers.get('mcp-session-id')).toBeNull()
  })
})

test('S10 T26-21 2026-07-28 has no sessions: ids are neither read, sent on nor given', async () => {
  const { body, headers } = callOf('modern')
  gateway.upstream.respond = (request, response) => {
    response.setHeader('mcp-session-id', 'up-modern')
    echoResult(request, response)
  }
  const stray = { 'mcp-session-id': 'whatever', 'last-event-id': '4', authorization: alice() }
  const response = await gateway.post(body, { ...headers, ...stray })
  expect(response.status).toBe(200)
  expect(response.headers.get('mcp-session-id')).toBeNull()
  const seen = gateway.upstream.received.at(-1)?.headers
  expect(seen?.['mcp-session-id']).toBeUndefined()
  expect(seen?.['last-event-id']).toBeUndefined()
})
