// Two gateways that share a real server, over the socket: what one of them counted, took, began or heard holds at the
// other; and what each still answers while the server is away. Debian's redis-server 7.0.15, or valkey-server.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { JKT, proofFor } from '../support/dpop.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'
import { redisMissing, startRedis, type TestRedis, until } from '../support/redis.ts'
import { echoResult, sendJson } from '../support/upstream.ts'

const PER_MINUTE = 20
const ROUTE = `
    dpop: accept
    limits: { rate: { per_subject: ${PER_MINUTE}/min, per_tool: { danger: 3/min } } }`
const ISSUER = `
    validation: jwt_and_introspection
    introspection: { client_id: portcullis, client_secret: "\${SECRET}", cache: { ttl: 5m } }`
const POLICY = `
      rules:
        - { name: safe, tools: [safe], scopes: [a] }
        - { name: danger, tools: [danger], scopes: [a] }
        - { name: certain, tools: [certain], scopes: [a], require_active: true }`

describe.skipIf(redisMissing() !== undefined)('two gateways with one server', () => {
  let redis: TestRedis
  let one: TestGateway
  let other: TestGateway
  beforeAll(async () => {
    redis = await startRedis()
    const options = {
      top: `session_key: "\${KEY}"\nstate: { url: "${redis.url}", timeout: 1s }`,
      env: { KEY: 'kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY', SECRET: 's3cret' },
      ...{ issuer: ISSUER, policy: POLICY, route: ROUTE },
    }
    one = await startTestGateway(options)
    other = await startTestGateway({ ...options, beside: one })
    active()
  })
  beforeEach(async () => {
    redis.cli('FLUSHALL')
    await until(
      () => Promise.all([isShared(one), isShared(other)]).then((all) => all.every(Boolean)),
      'shared',
    )
  })
  afterAll(async () => {
    await other.close()
    await one.close()
    await redis.close()
  })

  const active = (isActive: (token: string) => boolean = () => true) => {
    one.issuer.introspect = ({ form }) => {
      const token = String(form.get('token'))
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
      return isActive(token) ? { active: true, ...claims } : { active: false }
    }
  }
  const isShared = async (gateway: TestGateway) => {
    const answer = await fetch(`${gateway.running.adminOrigin}/readyz`)
    const { state } = (await answer.json()) as { state?: { ready: boolean } }
    return answer.status === 200 && state?.ready === true
  }
  const callWith = async (gateway: TestGateway, authorization: string, tool = 'safe', more = {}) =>
    (await gateway.post(toolCall(tool), { authorization, ...more })).status
  const bearer = (sub: string) => `Bearer ${one.token('a', { sub })}`

  test('a limit of so many a minute is so many in total', async () => {
    const authorization = bearer('limited')
    const statuses = await Promise.all(
      Array.from({ length: 3 * PER_MINUTE }, (_, n) => callWith(n % 2 ? other : one, authorization)),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(PER_MINUTE)
    expect(statuses.filter((status) => status === 429)).toHaveLength(2 * PER_MINUTE)
    const tools = []
    for (let n = 0; n < 4; n += 1) tools.push(await callWith(n % 2 ? other : one, bearer('tools'), 'danger'))
    expect(tools).toEqual([200, 200, 200, 429])
  })

  test('D52 a proof that was used at one is refused at the other', async () => {
    const token = one.token('a', { sub: 'prover', cnf: { jkt: JKT } })
    const show = async (gateway: TestGateway, proof: string) => {
      const answer = await gateway.post(toolCall('safe'), { authorization: `DPoP ${token}`, dpop: proof })
      return { status: answer.status, nonce: answer.headers.get('dpop-nonce') }
    }
    const asked = await show(one, proofFor(one.resource, token)) // the store is new
    expect(asked).toMatchObject({ status: 401, nonce: expect.stringMatching(/^[\w-]{20,}$/) })
    const proof = proofFor(one.resource, token, { claims: { nonce: asked.nonce } })
    expect(await show(one, proof)).toMatchObject({ status: 200 })
    expect(await show(other, proof)).toMatchObject({ status: 401, nonce: null })
    const another = proofFor(one.resource, token, { claims: { nonce: asked.nonce } })
    expect([(await show(other, another)).status, (await show(one, another)).status]).toEqual([200, 401])
  })

  test('a task that was begun at one is found at the other, and by its owner only', async () => {
    const creating = legacy('tools/call', { name: 'safe', arguments: {}, task: { ttl: 60_000 } })
    one.upstream.respond = (_request, response) =>
      sendJson(response, 200, {
        jsonrpc: '2.0',
        id: 1,
        result: { task: { taskId: 'shared-1', status: 'working' } },
      })
    const begun = await one.post(creating.body, { ...creating.headers, authorization: bearer('worker') })
    expect(begun.status).toBe(200)
    one.upstream.respond = echoResult
    const asking = legacy('tasks/get', { taskId: 'shared-1' })
    const ask = async (sub: string) =>
      (await other.post(asking.body, { ...asking.headers, authorization: bearer(sub) })).text()
    expect(await ask('worker')).not.toContain('Task not found')
    expect(await ask('stranger')).toContain('Task not found')
  })

  test('a token that is over at one is asked about at the other, within a second', async () => {
    const token = one.token('a', { sub: 'leaver' })
    const use = (gateway: TestGateway, tool?: string) => callWith(gateway, `Bearer ${token}`, tool)
    expect([await use(one), await use(other)]).toEqual([200, 200])
    active((asked) => asked !== token)
    expect(await use(other)).toBe(200) // its verdict is kept
    expect(await use(one, 'certain')).toBe(401)
    const began = performance.now()
    await until(async () => (await use(other)) === 401, 'the other heard of it')
    expect(performance.now() - began).toBeLessThan(2_000)
    active()
  })

  test('F14 D50 while the server is away: each counts alone, proofs get 503, tokens go on', async () => {
    const token = one.token('a', { sub: 'alone', cnf: { jkt: JKT } })
    const proof = { authorization: `DPoP ${token}`, dpop: proofFor(one.resource, token) }
    await redis.kill()
    expect(await Promise.all([callWith(one, bearer('any')), callWith(other, bearer('any'))])).toEqual([
      200, 200,
    ])
    const refused = await one.post(toolCall('safe'), proof)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    const asking = legacy('tasks/get', { taskId: 'unknown-here' })
    const asked = await other.post(asking.body, { ...asking.headers, authorization: bearer('worker') })
    expect(asked.status).toBe(503)
    expect(await fetch(`${one.running.adminOrigin}/readyz`).then(({ status }) => status)).toBe(200)
    const authorization = bearer('limited alone')
    const statuses = []
    for (let n = 0; n < 2 * PER_MINUTE + 2; n += 1)
      statuses.push(await callWith(n % 2 ? other : one, authorization))
    expect(statuses.filter((status) => status === 200)).toHaveLength(2 * PER_MINUTE)
    await redis.start()
  })
})
