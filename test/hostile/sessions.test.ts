// Sessions, streams and handles between callers and between processes: rows of S, and those of M and L about messages
// that belong to somebody else's session.
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { callOf, legacy } from '../support/messages.ts'
import { startSibling } from '../support/sibling.ts'
import { type OpenStream, openStream } from '../support/stream.ts'
import { echoResult, sendJson } from '../support/upstream.ts'

const KEY: TestGatewayOptions = {
  top: `session_key: "\${SESSION_KEY}"`,
  env: { SESSION_KEY: 'kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY' },
}

let gateway: TestGateway
afterEach(() => gateway.close())

/** An upstream that begins a session for each `initialize`, keeps those it began, and speaks on their GET streams. */
async function start(options: TestGatewayOptions = {}) {
  gateway = await startTestGateway({ ...KEY, ...options })
  const alive = new Map<string, (event: string) => void>()
  let made = 0
  gateway.upstream.respond = (request, response) => {
    const id = String(request.headers['mcp-session-id'] ?? '')
    if (request.body.includes('"initialize"')) {
      made += 1
      alive.set(`up-${made}`, () => undefined)
      response.setHeader('mcp-session-id', `up-${made}`)
      return echoResult(request, response)
    }
    if (!alive.has(id)) return sendJson(response, 404, { jsonrpc: '2.0', id: null, error: { code: -32001 } })
    if (request.method === 'DELETE') {
      alive.delete(id)
      return response.writeHead(200).end()
    }
    if (request.method !== 'GET') return echoResult(request, response)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
    alive.set(id, (event) => void response.write(event))
    return undefined
  }
  return alive
}

const as = (sub: string, scope = 'a') => ({ authorization: `Bearer ${gateway.token(scope, { sub })}` })

async function begin(who: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const { body } = legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {} })
  const answer = await gateway.post(body, who)
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' }
}

async function statusAt(
  origin: string,
  headers: Readonly<Record<string, string>>,
  tool = 'safe',
): Promise<number> {
  const call = callOf('legacy', tool)
  const answer = await fetch(`${origin}/mcp/a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...call.headers, ...headers },
    body: JSON.stringify(call.body),
  })
  await answer.arrayBuffer()
  return answer.status
}

test('S07 sessions take no place: the first of two thousand still works', async () => {
  await start()
  const first = await begin(as('alice'))
  for (let count = 0; count < 20; count += 1) {
    await Promise.all(Array.from({ length: 100 }, () => begin(as('alice'))))
  }
  expect(await statusAt(gateway.origin, { ...as('alice'), ...first })).toBe(200)
})

test('S15 after a restart a session says nothing of its caller: the token of each request does', async () => {
  await start()
  const session = await begin(as('alice', 'a admin'))
  const restarted = await startSibling(gateway, KEY)
  const status = (headers: object, tool?: string) =>
    statusAt(restarted.origin, { ...session, ...headers }, tool)
  expect(await status({})).toBe(401)
  expect(await status(as('alice', 'a admin'), 'danger')).toBe(200)
  expect(await status(as('alice'), 'danger')).toBe(403)
  expect(await status(as('bob', 'a admin'), 'danger')).toBe(404)
  const { headers } = gateway.upstream.received.at(-1) ?? { headers: {} }
  expect(headers).toMatchObject({ 'x-mcp-subject': 'alice', 'x-mcp-scopes': 'a admin' })
  await restarted.close(0)
})

test('S16 a session that was ended at one replica is over at the other', async () => {
  await start()
  const session = await begin(as('alice'))
  const replica = await startSibling(gateway, KEY)
  const headers = { ...as('alice'), ...session }
  expect(await statusAt(replica.origin, headers)).toBe(200)
  expect((await fetch(`${replica.origin}/mcp/a`, { method: 'DELETE', headers })).status).toBe(200)
  expect(await statusAt(gateway.origin, headers)).toBe(404)
  await replica.close(0)
})

test('S18 answers of the issuer in any order: each request goes on as its own caller', {
  timeout: 60_000,
}, async () => {
  gateway = await startTestGateway({
    issuer: `    validation: introspection
    introspection: { client_id: gw, client_secret: secret, cache: { ttl: 1s } }`,
  })
  const { issuer, upstream, resource } = gateway
  const exp = Math.floor(Date.now() / 1_000) + 600
  issuer.introspect = ({ form }) => {
    const [sub, scope] = (form.get('token') ?? '').split('.')
    return { active: true, iss: issuer.url, aud: resource, client_id: 'c', exp, sub, scope: `a ${scope}` }
  }
  upstream.respond = (request, response) => {
    const { 'x-mcp-subject': subject, 'x-mcp-scopes': scopes } = request.headers
    const answer = () => sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { subject, scopes } })
    setTimeout(answer, randomInt(0, 5))
  }
  const { body, headers } = callOf('legacy')
  const caller = fc.record({ name: fc.integer({ min: 0, max: 30 }), fresh: fc.integer({ min: 0, max: 9 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(caller, { minLength: 2, maxLength: 40 }), async (callers) => {
      const told = callers.map(async ({ name, fresh }) => {
        const token = `user${name}.scope${fresh}`
        const answer = await gateway.post(body, { ...headers, authorization: `Bearer ${token}` })
        return ((await answer.json()) as { result: object }).result
      })
      expect(await Promise.all(told)).toEqual(
        callers.map(({ name, fresh }) => ({ subject: `user${name}`, scopes: `a scope${fresh}` })),
      )
    }),
    { numRuns: 40 },
  )
})

test('S20 what a handle is bound to is the upstream’s duty; a rule can bind it to the subject', async () => {
  await start({
    policy: `
      rules:
        - { name: own, tools: [pay], when: 'args.cart.startsWith(principal.subject + "-")' }
        - { name: any, tools: [look] }`,
  })
  const call = async (who: string, tool: string, cart: string) => {
    const { body } = legacy('tools/call', { name: tool, arguments: { cart } })
    return (await gateway.post(body, { ...as(who), ...(await begin(as(who))) })).status
  }
  expect(await call('alice', 'pay', 'alice-1')).toBe(200)
  expect(await call('bob', 'pay', 'alice-1')).toBe(403)
  expect(await call('bob', 'look', 'alice-1')).toBe(200)
})

const RESPONSE = { jsonrpc: '2.0', id: 7, result: { role: 'assistant' } }

async function listen(headers: Readonly<Record<string, string>>): Promise<OpenStream> {
  const stream = await openStream(gateway.resource, { headers })
  await stream.until('open')
  return stream
}

test('L23 M65 a request of the server reaches one session, and takes an answer of that session only', async () => {
  const alive = await start()
  const [alice, bob] = [as('alice'), as('bob')]
  const [hers, his] = [await begin(alice), await begin(bob)]
  const [first, second] = [await listen({ ...alice, ...hers }), await listen({ ...bob, ...his })]
  const request = { jsonrpc: '2.0', id: 7, method: 'sampling/createMessage', params: {} }
  alive.get('up-1')?.(`data: ${JSON.stringify(request)}\n\n`)
  await first.until('sampling/createMessage')
  alive.get('up-2')?.(': after\n\n')
  expect(await second.until('after')).not.toContain('sampling')

  const before = gateway.upstream.received.length
  expect((await gateway.post(RESPONSE, { ...bob, ...hers })).status).toBe(404)
  expect(gateway.upstream.received.length).toBe(before)
  await gateway.post(RESPONSE, { ...bob, ...his })
  await gateway.post(RESPONSE, { ...alice, ...hers })
  const sessions = gateway.upstream.received.slice(before).map(({ headers }) => headers['mcp-session-id'])
  expect(sessions).toEqual(['up-2', 'up-1'])
  first.leave()
  second.leave()
})

test('L22 a stream that somebody else asks for stays its owner’s', async () => {
  const alive = await start()
  const hers = await begin(as('alice'))
  const stream = await listen({ ...as('alice'), ...hers })
  expect((await openStream(gateway.resource, { headers: { ...as('bob'), ...hers } })).status).toBe(404)
  alive.get('up-1')?.('data: {"still":"here"}\n\n')
  expect(await stream.until('here')).toContain('data: {"still":"here"}')
  stream.leave()
})
