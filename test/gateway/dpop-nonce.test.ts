// `dpop_nonce` over the socket (RFC 9449 §9): a proof repeats what the gateway gave a moment ago. The clock is moved,
// not waited for.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { JKT, proofFor } from '../support/dpop.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'
import { sendEvents } from '../support/upstream.ts'

const SLOT_MS = 150_000
/** The first millisecond of a slot. */
const START = 12_000_000 * SLOT_MS
const ORIGIN = 'https://app.example'

const OPTIONS: TestGatewayOptions = {
  top: `session_key: "\${SESSION_KEY}"\nallowed_origins: [${ORIGIN}]`,
  env: { SESSION_KEY: 'kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY' },
  route: '    dpop_nonce: true',
}

let open: TestGateway[] = []
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.map((gateway) => gateway.close()))
  open = []
})

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({ ...OPTIONS, ...options })
  open.push(gateway)
  return gateway
}

const boundToken = (gateway: TestGateway) => gateway.token('a', { cnf: { jkt: JKT } })

const proof = (gateway: TestGateway, token: string, claims: object) =>
  proofFor(gateway.resource, token, { claims })

function call(gateway: TestGateway, claims: object = {}, headers: Readonly<Record<string, string>> = {}) {
  const token = boundToken(gateway)
  const sent = legacy('tools/call', { name: 'safe', arguments: {} })
  return gateway.post(sent.body, {
    ...sent.headers,
    authorization: `DPoP ${token}`,
    dpop: proof(gateway, token, claims),
    ...headers,
  })
}

async function nonceOf(gateway: TestGateway): Promise<string> {
  return (await call(gateway)).headers.get('dpop-nonce') ?? ''
}

test('R18 XDP-02 RFC 9449 §9 without a nonce: 401, a challenge that says so, and a nonce', async () => {
  const gateway = await start()
  const refused = await call(gateway)
  expect(refused.status).toBe(401)
  const metadata = `${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`
  expect(refused.headers.get('www-authenticate')).toBe(
    `DPoP error="use_dpop_nonce", algs="ES256 EdDSA PS256 RS256", resource_metadata="${metadata}"`,
  )
  expect(refused.headers.get('cache-control')).toBe('no-store')
  expect(await refused.json()).toMatchObject({ error: 'use_dpop_nonce' })
  const nonce = refused.headers.get('dpop-nonce') ?? ''
  expect(nonce).toMatch(/^[\w-]{22}$/)
  expect(gateway.upstream.received).toEqual([])

  const again = await call(gateway, { nonce })
  expect(again.status).toBe(200)
  expect(again.headers.get('dpop-nonce')).toBe(null)
  expect(gateway.upstream.received).toHaveLength(1)
})

test('XDP-02 RFC 9449 §8.2 a nonce serves two slots; in the second the answer brings the next', async () => {
  const gateway = await start()
  const nonce = await nonceOf(gateway)
  vi.setSystemTime(START + SLOT_MS - 1)
  expect((await call(gateway, { nonce })).headers.get('dpop-nonce')).toBe(null)
  vi.setSystemTime(START + SLOT_MS)
  const renewed = await call(gateway, { nonce })
  const next = renewed.headers.get('dpop-nonce') ?? ''
  expect([renewed.status, next.length]).toEqual([200, 22])
  expect(next).not.toBe(nonce)
  vi.setSystemTime(START + 2 * SLOT_MS)
  const late = await call(gateway, { nonce })
  expect(late.status).toBe(401)
  expect(late.headers.get('www-authenticate')).toContain('error="use_dpop_nonce"')
  expect((await call(gateway, { nonce: next })).status).toBe(200)
  expect((await call(gateway, { nonce: late.headers.get('dpop-nonce') })).status).toBe(200)
})

test('XDP-02 a proof made for a later day, and one with a nonce of its own, are refused', async () => {
  const gateway = await start()
  const nonce = await nonceOf(gateway)
  vi.setSystemTime(START + 2 * SLOT_MS + 1)
  const prepared = { nonce, iat: Math.floor(Date.now() / 1_000) }
  expect((await call(gateway, prepared)).status).toBe(401)
  expect((await call(gateway, { nonce: 'A'.repeat(22) })).status).toBe(401)
  expect(gateway.upstream.received).toEqual([])
})

test('J65 a proof with a nonce works once', async () => {
  const gateway = await start()
  const once = { nonce: await nonceOf(gateway), jti: 'the-same' }
  expect((await call(gateway, once)).status).toBe(200)
  const again = await call(gateway, once)
  expect(again.status).toBe(401)
  expect(again.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"')
})

test('replicas with one session_key take each other’s nonces, another key none', async () => {
  const [one, two, stranger] = await Promise.all([
    start(),
    start(),
    start({ env: { SESSION_KEY: 'pL4sH6jD1fG0aYkQ3vT9xR2mB7nC5wZ8' } }),
  ])
  const nonce = await nonceOf(one)
  const answers = [await call(one, { nonce }), await call(two, { nonce }), await call(stranger, { nonce })]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401])
})

test('ORG-05 a page of a listed origin may read the nonce', async () => {
  const gateway = await start()
  const refused = await call(gateway, {}, { origin: ORIGIN })
  expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN)
  expect(refused.headers.get('access-control-expose-headers')).toContain('dpop-nonce')
})

test('RFC 9449 §8.2 an upstream’s own nonce goes nowhere, and an answer with ours is not kept', async () => {
  const gateway = await start()
  const nonce = await nonceOf(gateway)
  gateway.upstream.respond = (_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'dpop-nonce': 'of-the-upstream',
      'cache-control': 'public, max-age=3600',
    })
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}')
  }
  expect((await call(gateway, { nonce })).headers.get('dpop-nonce')).toBe(null)
  vi.setSystemTime(START + SLOT_MS)
  const renewed = await call(gateway, { nonce })
  expect(renewed.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
  expect(renewed.headers.get('cache-control')).toBe('no-store')
})

test.each(['GET', 'DELETE'])('%s needs a nonce too', async (method) => {
  const gateway = await start()
  gateway.upstream.respond = (_request, response) =>
    method === 'GET' ? sendEvents(response, []) : void response.writeHead(200).end()
  const token = boundToken(gateway)
  const ask = (claims: object) =>
    fetch(gateway.resource, {
      method,
      headers: { authorization: `DPoP ${token}`, dpop: proof(gateway, token, { htm: method, ...claims }) },
    })
  const refused = await ask({})
  expect(refused.status).toBe(401)
  expect((await ask({ nonce: refused.headers.get('dpop-nonce') })).status).toBe(200)
})

test('a plain token needs no nonce where DPoP is only accepted', async () => {
  const gateway = await start()
  const sent = legacy('tools/call', { name: 'safe', arguments: {} })
  const answered = await gateway.post(sent.body, sent.headers)
  expect([answered.status, answered.headers.get('dpop-nonce')]).toEqual([200, null])
})

test('off by default: no nonce is asked for, nor given', async () => {
  const gateway = await start({ route: '    dpop: require' })
  const answered = await call(gateway)
  expect([answered.status, answered.headers.get('dpop-nonce')]).toEqual([200, null])
})

test('D28 a proof is not read for a token that is no good, so nothing is offered for it', async () => {
  const gateway = await start()
  const nonce = await nonceOf(gateway)
  vi.setSystemTime(START + SLOT_MS) // from here on an answer to this nonce offers the next one
  const accepted = await call(gateway, { nonce })
  expect([accepted.status, accepted.headers.has('dpop-nonce')]).toEqual([200, true])
  const refused = await call(gateway, { nonce }, { authorization: `DPoP ${boundToken(gateway)}A` })
  expect([refused.status, refused.headers.get('dpop-nonce')]).toEqual([401, null])
})
