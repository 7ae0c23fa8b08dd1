// Tokens, questions about them, and proofs: whoever sends many takes a share, and the tokens of others are looked at. What
// is known passes an address that keeps failing; what is new from there waits.
import { afterEach, expect, test, vi } from 'vitest'
import { JKT, proofFor } from '../support/dpop.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
afterEach(async () => {
  vi.useRealTimers()
  await gateway?.close()
})

const HOME = '192.0.2.1'
const ELSEWHERE = '198.51.100.1'
const LIMIT = 5

interface Scene extends TestGatewayOptions {
  readonly keeping?: string
  readonly failures?: string
}

/** A gateway behind a proxy that speaks for its clients, and an issuer that is asked about tokens. */
async function start({ keeping = '', failures = `${LIMIT}/h`, ...options }: Scene = {}): Promise<void> {
  gateway = await startTestGateway({
    top: 'trusted_proxies: [127.0.0.1]',
    issuer: `    validation: introspection
    introspection: { client_id: gw, client_secret: "\${SECRET}", cache: { ${keeping} } }`,
    env: { SECRET: 's3cret-of-the-gateway' },
    route: `    limits: { rate: { failed_auth_per_address: ${failures} } }`,
    ...options,
  })
}

/** The issuer knows tokens that name somebody; those of `slow` are answered after so many milliseconds. */
function answer(slowMs = 0): void {
  const { issuer, resource } = gateway
  issuer.introspect = async ({ form }) => {
    const [who = '', number = ''] = (form.get('token') ?? '').split('_')
    if (who === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs))
    const exp = Math.floor(Date.now() / 1_000) + 600
    const said = { iss: issuer.url, aud: resource, sub: who, client_id: 'cli', scope: 'a', jti: number, exp }
    return who === 'bad' ? { active: false } : { active: true, ...said }
  }
}

async function call(token: string, address: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address }
  return (await gateway.post(toolCall('safe'), headers)).status
}

const many = (count: number, who: string, address: string) =>
  Promise.all(Array.from({ length: count }, (_, n) => call(`${who}_${n}`, address)))
const tally = (statuses: readonly number[]) =>
  Object.fromEntries(
    [...new Set(statuses)].sort().map((one) => [one, statuses.filter((s) => s === one).length]),
  )
const questions = () => gateway.issuer.requests.introspection

test('D67 sixty bad tokens at one time from one address: no more questions than may fail', async () => {
  await start()
  answer()
  expect(await call('ada', HOME)).toBe(200)
  expect(tally(await many(60, 'bad', HOME))).toEqual({ 401: LIMIT, 429: 60 - LIMIT })
  expect(questions()).toBe(1 + LIMIT)
  expect([await call('ada', HOME), await call('bob', HOME), await call('bob', ELSEWHERE)]).toEqual([
    200, 429, 200,
  ])
})

test('D68 a known token is looked at again whatever its neighbours did, until it is refused', async () => {
  await start({ keeping: 'ttl: 1s, negative_ttl: 1s' })
  answer()
  expect(await call('ada', HOME)).toBe(200)
  await many(20, 'bad', HOME)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const before = questions()
  expect([await call('ada', HOME), questions()]).toEqual([200, before + 1])
  gateway.issuer.introspect = () => ({ active: false })
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(await call('ada', HOME)).toBe(401)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect([await call('ada', HOME), questions()]).toEqual([429, before + 2])
})

test('D69 seventy slow questions from one address take a quarter, and new tokens from elsewhere are answered', async () => {
  await start({ failures: '1000/s' })
  answer(2_000)
  let busy = 0
  let most = 0
  const { introspect } = gateway.issuer
  gateway.issuer.introspect = async (asked) => {
    busy += 1
    most = Math.max(most, busy)
    const said = await introspect(asked)
    busy -= 1
    return said
  }
  const slow = Array.from({ length: 70 }, (_, n) => call(`slow_${n}`, HOME))
  await expect.poll(() => busy).toBeGreaterThan(10)
  const honest = Promise.all(Array.from({ length: 20 }, (_, n) => call(`honest${n}`, `198.51.100.${n}`)))
  const first = await Promise.race([honest, Promise.any(slow).then(() => 'a slow one')])
  expect(first).toEqual(Array.from({ length: 20 }, () => 200))
  expect(most).toBeLessThanOrEqual(16 + 20)
  expect(tally(await Promise.all(slow))[200]).toBeGreaterThan(16)
})

test('D70 whoever has very many good tokens pushes out nobody else’s verdict', async () => {
  await start({ keeping: 'max_entries: 40' })
  answer()
  expect(await call('ada', HOME)).toBe(200)
  for (let round = 0; round < 10; round += 1)
    await Promise.all(Array.from({ length: 10 }, (_, n) => call(`mallory_${round}${n}`, ELSEWHERE)))
  expect(questions()).toBe(101)
  expect([await call('ada', HOME), questions()]).toEqual([200, 101])
  expect([await call('mallory_99', ELSEWHERE), questions()]).toEqual([200, 101])
  expect([await call('mallory_00', ELSEWHERE), questions()]).toEqual([200, 102])
})

test('D71 bad tokens of one address push out no bad verdict of another', async () => {
  await start({ keeping: 'max_entries: 40', failures: '1000/s' })
  answer()
  expect(await call('bad_mine', HOME)).toBe(401)
  await many(60, 'bad', ELSEWHERE)
  expect(questions()).toBe(61)
  expect([await call('bad_mine', HOME), questions()]).toEqual([401, 61])
})

/** With signed tokens that are bound to a key. */
const bound = (subject: string) => gateway.token('a', { sub: subject, cnf: { jkt: JKT } })
const shown = async (token: string, proof: string) =>
  (await gateway.post(toolCall('safe'), { authorization: `DPoP ${token}`, dpop: proof })).status

test('J81 a used proof stays used after a reload', async () => {
  gateway = await startTestGateway({ route: '    dpop: require' })
  const token = bound('ada')
  const proof = proofFor(gateway.resource, token)
  expect([await shown(token, proof), await shown(token, proof)]).toEqual([200, 401])
  await gateway.reload()
  expect(await shown(token, proof)).toBe(401)
  expect(await shown(token, proofFor(gateway.resource, token))).toBe(200)
})

test('J82 proofs over the limit of their subject are not looked at, and take no room', async () => {
  gateway = await startTestGateway({
    auditRequired: true,
    route: '    dpop: require\n    limits: { rate: { per_subject: 3/h } }',
  })
  const [mallory, ada] = [bound('mallory'), bound('ada')]
  const proof = () => proofFor(gateway.resource, mallory)
  const statuses = [
    await shown(mallory, proof()),
    await shown(mallory, 'no proof'),
    await shown(mallory, proof()),
  ]
  expect([...statuses, await shown(mallory, 'no proof')]).toEqual([200, 401, 200, 429])
  expect(await shown(ada, proofFor(gateway.resource, ada))).toBe(200)
})

test('J83 nothing of a token is read for an address over its limit', async () => {
  gateway = await startTestGateway({ route: `    limits: { rate: { failed_auth_per_address: ${LIMIT}/h } }` })
  const parse = vi.spyOn(JSON, 'parse')
  const forged = (n: number) => `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AA${n}A`
  const send = async (n: number) => {
    parse.mockClear()
    const { status } = await gateway.post(toolCall('safe'), { authorization: `Bearer ${forged(n)}` })
    return [status, parse.mock.calls.length > 0]
  }
  for (let n = 0; n < LIMIT; n += 1) expect(await send(n)).toEqual([401, true])
  expect(await send(9)).toEqual([429, false])
  parse.mockRestore()
})
