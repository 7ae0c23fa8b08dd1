// Words of a policy that change how an answer is made: require_active, denial, anonymous, methods.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function start(options: TestGatewayOptions): Promise<TestGateway> {
  gateway = await startTestGateway({ auditRequired: true, ...options })
  return gateway
}

const reached = () => gateway.upstream.received.length
const bare = (body: object) =>
  fetch(gateway.resource, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('require_active (contract, decision 5)', () => {
  const LIVE: TestGatewayOptions = {
    issuer: '    introspection: { client_id: gw, client_secret: "${SECRET}" }',
    env: { SECRET: 'a secret for the test' },
    policy: `
      rules:
        - { name: purge, tools: [purge], scopes: [a], require_active: true }
        - { name: safe, tools: [safe], scopes: [a] }`,
  }
  const active = (claims: object = {}) => ({
    ...{ active: true, iss: gateway.issuer.url, sub: 'user-1', aud: gateway.resource, client_id: 'client-1' },
    ...{ exp: Math.floor(Date.now() / 1_000) + 600, scope: 'a', ...claims },
  })

  test('asks the issuer each time, and only for that tool', async () => {
    const { post, issuer } = await start(LIVE)
    issuer.introspect = () => active()
    for (const tool of ['purge', 'safe', 'purge']) expect((await post(toolCall(tool))).status).toBe(200)
    expect(issuer.requests.introspection).toBe(2)
    expect(reached()).toBe(3)
  })

  test('inactive is 401', async () => {
    const { post } = await start(LIVE)
    const response = await post(toolCall('purge'))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(reached()).toBe(0)
    expect(gateway.audit().at(-1)).toMatchObject({
      reason: 'token_rejected',
      check: 'inactive',
      rule: 'purge',
    })
  })

  test('an issuer that cannot be asked is 503', async () => {
    const { post, issuer } = await start(LIVE)
    issuer.faults.introspection = { status: 500 }
    const response = await post(toolCall('purge'))
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(reached()).toBe(0)
  })

  test('a scope that was taken away meanwhile is missing', async () => {
    const { post, issuer } = await start(LIVE)
    issuer.introspect = () => active({ scope: '' })
    expect((await post(toolCall('purge'))).status).toBe(403)
    expect(reached()).toBe(0)
  })

  test('never runs for what the policy denies, or for lists', async () => {
    const { post, issuer } = await start(LIVE)
    await post(toolCall('other'))
    await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    expect(issuer.requests.introspection).toBe(0)
  })
})

describe('denial: in_band (R16, D-01)', () => {
  const IN_BAND: TestGatewayOptions = {
    policy: `
      denial: in_band
      rules:
        - { name: safe, tools: [safe], scopes: [a] }
        - { name: danger, tools: [danger], scopes: [admin] }
        - { name: soft, effect: deny, tools: [soft] }
        - { name: hard, effect: deny, tools: [hard], denial: http }`,
  }
  const DENIED = {
    code: 403,
    message: expect.stringMatching(/^Access denied: no scope opens this/),
    data: { error: 'access_denied' },
  }

  test.each(['soft', 'unruled'])('%s is told inside an answer', async (tool) => {
    const { post } = await start(IN_BAND)
    const response = await post(toolCall(tool, 'x'))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 'x', error: DENIED })
    expect(reached()).toBe(0)
    expect(gateway.audit().at(-1)).toMatchObject({ decision: 'refused', reason: 'call_forbidden' })
  })

  test('a rule may say otherwise', async () => {
    const { post } = await start(IN_BAND)
    expect((await post(toolCall('hard'))).status).toBe(403)
  })

  test('CHL-14: a missing scope is a challenge all the same', async () => {
    const { post } = await start(IN_BAND)
    const response = await post(toolCall('danger'))
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('insufficient_scope')
  })

  test('what has no id has no answer to be told in', async () => {
    const { post } = await start(IN_BAND)
    expect((await post([toolCall('soft', 1), toolCall('safe', 2)])).status).toBe(403)
    expect(reached()).toBe(0)
  })
})

describe('anonymous', () => {
  const OPEN: TestGatewayOptions = {
    policy: `
      anonymous: [tools/list, tools/call]
      rules:
        - { name: open, tools: [open] }
        - { name: safe, tools: [safe], scopes: [a] }`,
  }

  test('an open method needs no token, and identity headers are stripped all the same (H15)', async () => {
    await start(OPEN)
    const response = await fetch(gateway.resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-mcp-subject': 'root', x_mcp_scopes: 'admin' },
      body: JSON.stringify(toolCall('open')),
    })
    expect(response.status).toBe(200)
    const names = Object.keys(gateway.upstream.received[0]?.headers ?? {})
    expect(names.filter((name) => name.replace('_', '-').startsWith('x-mcp'))).toEqual([])
  })

  test.each([
    ['a tool that needs scopes', toolCall('safe')],
    ['a tool that no rule names (L16)', toolCall('unruled')],
    ['another method', { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'custom/thing' }],
  ])('%s asks for a token, like every other', async (_what, body) => {
    await start(OPEN)
    const response = await bare(body)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata="[^"]+", scope="a"$/)
    expect(reached()).toBe(0)
  })

  test('a batch is open only when all of it is', async () => {
    await start(OPEN)
    expect((await bare([toolCall('open', 1), toolCall('safe', 2)])).status).toBe(401)
    expect(reached()).toBe(0)
  })

  test('a token that is shown must be good (M60)', async () => {
    await start(OPEN)
    expect((await gateway.post(toolCall('open'), { authorization: 'Bearer bad' })).status).toBe(401)
    expect(reached()).toBe(0)
  })

  test.each(['GET', 'DELETE', 'PUT'])('%s is not open', async (method) => {
    await start(OPEN)
    expect((await fetch(gateway.resource, { method })).status).toBe(401)
  })

  test('M60: what a page may send without asking is refused', async () => {
    await start(OPEN)
    const body = JSON.stringify(toolCall('open'))
    expect((await fetch(gateway.resource, { method: 'POST', body })).status).toBe(415)
    expect(reached()).toBe(0)
  })
})

test('M13: a method beyond the known ones is open where the file names it', async () => {
  const { post } = await start({ policy: '\n      methods: { custom/thing: [a], custom/other: [admin] }' })
  const { body, headers } = modern('custom/thing')
  expect((await post(body, headers)).status).toBe(200)
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'custom/other' })).status).toBe(403)
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'custom/third' })).status).toBe(200) // R9: an error inside
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'method_unknown' })
  expect(reached()).toBe(1)
})
