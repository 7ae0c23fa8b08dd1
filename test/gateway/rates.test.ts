// Rate limits of a whole gateway. Periods are an hour, so that nothing is given back while a test runs.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function start(rate: string, more: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway({
    auditRequired: true,
    route: `    limits: { rate: { ${rate} } }`,
    ...more,
  })
  return gateway
}

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const as = (claims: object, scope = 'a') => ({ authorization: `Bearer ${gateway.token(scope, claims)}` })
const statuses = async (sent: readonly Promise<Response>[]) =>
  (await Promise.all(sent)).map(({ status }) => status).sort()

async function expectLimited(response: Response): Promise<void> {
  expect(response.status).toBe(429)
  const seconds = Number(response.headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(3_000)
  expect(seconds).toBeLessThanOrEqual(3_600)
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'rate_limited', status: 429 })
}

test('per_subject: each caller has an allowance, whatever token it shows', async () => {
  await start('per_subject: 2/h')
  const one = [as({ sub: 'one', jti: 'x' }), as({ sub: 'one', jti: 'y' }), as({ sub: 'one', jti: 'z' })]
  expect((await gateway.post(ping, one[0])).status).toBe(200)
  expect((await gateway.post(ping, one[1])).status).toBe(200)
  await expectLimited(await gateway.post(ping, one[2]))
  expect((await gateway.post(ping, as({ sub: 'two' }))).status).toBe(200)
  expect(gateway.upstream.received).toHaveLength(3)
})

test('per_subject: at the same time no more get through', async () => {
  await start('per_subject: 3/h')
  const sent = Array.from({ length: 6 }, () => gateway.post(ping))
  expect(await statuses(sent)).toEqual([200, 200, 200, 429, 429, 429])
})

test('per_subject: it is counted before the body is read, so what the policy denies counts too', async () => {
  await start('per_subject: 3/h')
  for (let i = 0; i < 3; i += 1) expect((await gateway.post(toolCall('danger'))).status).toBe(403)
  await expectLimited(await gateway.post(ping))
})

test('D66 per_subject: each call of a batch counts, and a batch that does not fit is refused whole', async () => {
  await start('per_subject: 5/h')
  const batch = (size: number) => Array.from({ length: size }, (_, id) => ({ ...ping, id }))
  for (let i = 0; i < 2; i += 1) await expectLimited(await gateway.post(batch(50)))
  expect(gateway.upstream.received).toHaveLength(0)
  expect((await gateway.post(batch(3))).ok).toBe(true)
  await expectLimited(await gateway.post(ping))
  const other = as({ sub: 'other' })
  expect((await gateway.post(batch(5), other)).ok).toBe(true)
  await expectLimited(await gateway.post(ping, other))
})

test('per_tool: that tool only, in a batch too', async () => {
  await start('per_tool: { safe: 2/h }')
  expect((await gateway.post([toolCall('safe', 1), toolCall('safe', 2)])).ok).toBe(true)
  await expectLimited(await gateway.post(toolCall('safe')))
  expect((await gateway.post(ping)).status).toBe(200)
  expect((await gateway.post(toolCall('safe'), as({ sub: 'other' }))).status).toBe(200)
})

test('failed_auth_per_address: after so many refused tokens, any unknown one is 429', async () => {
  await start('failed_auth_per_address: 2/h')
  for (const token of ['x', 'y']) {
    expect((await gateway.post(ping, { authorization: `Bearer ${token}` })).status).toBe(401)
  }
  await expectLimited(await gateway.post(ping, { authorization: 'Bearer z' }))
  expect(gateway.upstream.received).toHaveLength(0)
})

test('failed_auth_per_address: a token that is known good is not held back by its neighbours', async () => {
  await start('failed_auth_per_address: 1/h')
  const known = as({ sub: 'known' })
  expect((await gateway.post(ping, known)).status).toBe(200)
  for (const token of ['x', 'y', 'z']) await gateway.post(ping, { authorization: `Bearer ${token}` })
  expect((await gateway.post(ping, known)).status).toBe(200)
})

test('failed_auth_per_address: a new token, good or not, waits at an address that keeps failing', async () => {
  await start('failed_auth_per_address: 1/h')
  for (const token of ['x', 'y', 'z']) await gateway.post(ping, { authorization: `Bearer ${token}` })
  await expectLimited(await gateway.post(ping, as({ sub: 'new' })))
})

test('failed_auth_per_address: good tokens, however many come at one time, use up nothing', async () => {
  await start('failed_auth_per_address: 2/h')
  const sent = Array.from({ length: 40 }, (_, n) => gateway.post(ping, as({ sub: `new ${n}` })))
  expect(new Set(await statuses(sent))).toEqual(new Set([200]))
})

test('failed_auth_per_address: no credential, an outage and a refused call are no failures', async () => {
  await start('failed_auth_per_address: 1/h')
  for (let i = 0; i < 3; i += 1) {
    expect((await fetch(gateway.resource, { method: 'POST' })).status).toBe(401)
    expect((await gateway.post(toolCall('danger'))).status).toBe(403)
  }
  expect((await gateway.post(ping, { authorization: 'Bearer x' })).status).toBe(401)
})

test('H24: the address is the peer’s, unless a trusted proxy speaks for another', async () => {
  await start('failed_auth_per_address: 1/h')
  const from = (address: string) =>
    gateway.post(ping, { authorization: `Bearer x${address}`, 'x-forwarded-for': address })
  expect(await statuses([from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.3')])).toEqual([401, 429, 429])
})

test('H24: behind a trusted proxy each client fails for itself', async () => {
  await start('failed_auth_per_address: 1/h', { top: 'trusted_proxies: [127.0.0.1]' })
  const from = (address: string) =>
    gateway.post(ping, { authorization: 'Bearer x', 'x-forwarded-for': address })
  expect(await statuses([from('192.0.2.1'), from('192.0.2.2')])).toEqual([401, 401])
  await expectLimited(await from('198.51.100.7, 192.0.2.1'))
})

test('a reload hands out no fresh allowance', async () => {
  await start('per_subject: 1/h')
  expect((await gateway.post(ping)).status).toBe(200)
  await gateway.reload()
  await expectLimited(await gateway.post(ping))
})
