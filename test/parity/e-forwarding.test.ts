// What reaches the upstream, as other systems have it, row by row (E1 to E6).
import { describe, expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { call, open } from '../traps/trap.ts'

describe('E1, E2: identity', () => {
  test('E1 exactly these headers say who calls', async () => {
    const gateway = await open()
    await call(gateway, gateway.token('a b', { sub: 'ada' }))
    const { headers = {} } = gateway.upstream.received[0] ?? {}
    const ours = Object.entries(headers).filter(([name]) => /^x-(?!request-id)/.test(name))
    expect(Object.fromEntries(ours)).toEqual({
      'x-mcp-subject': 'ada',
      'x-mcp-scopes': 'a b',
      'x-mcp-client-id': 'client-1',
      'x-mcp-issuer': gateway.issuer.url,
    })
  })

  test('E1 none of them for a caller without a token', async () => {
    const gateway = await open({ policy: '\n      anonymous: [ping]\n      rules: []' })
    const response = await fetch(gateway.resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-mcp-subject': 'root' },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    })
    expect(response.status).toBe(200)
    expect(Object.keys(gateway.upstream.received[0]?.headers ?? {}).join()).not.toContain('x-mcp-')
  })

  const SPOOFED = [
    ...['x-mcp-subject', 'X-MCP-Scopes', 'x_mcp_issuer', 'x-mcp_client-id', 'x-mcp-anything'],
    ...['x-wacht-auth', 'x-authsec-user', 'x-auth-request-email', 'x-forwarded-user', 'x-forwarded-groups'],
  ]
  test.each(SPOOFED)('E2 %s of a client is gone', async (name) => {
    const gateway = await open()
    await gateway.post(toolCall('safe'), { [name]: 'spoofed-value' })
    expect(gateway.upstream.received).toHaveLength(1)
    expect(gateway.upstream.received[0]?.rawHeaders).not.toContain('spoofed-value')
  })
})

describe('E3: the way to the upstream', () => {
  test.each([
    ['none', undefined],
    ['forward_token', /^Bearer ey/],
    ['static', /^Bearer of-the-gateway$/],
  ])('E3 %s', async (mode, expected) => {
    const more = mode === 'static' ? ', header: authorization, value: "Bearer ${KEY}"' : ''
    const gateway = await open({
      route: `    upstream_auth: { mode: ${mode}${more} }`,
      env: { KEY: 'of-the-gateway' },
    })
    await call(gateway, gateway.token())
    const sent = gateway.upstream.received[0]?.headers.authorization
    if (expected === undefined) expect(sent).toBeUndefined()
    else expect(sent).toMatch(expected)
  })
})

describe('E4, E5: values', () => {
  test.each([
    ['a line break', 'ada\r\nx-mcp-scopes: admin', 'ada%0D%0Ax-mcp-scopes:%20admin'],
    ['an emoji', 'ada🦉', 'ada%F0%9F%A6%89'],
    ['what looks encoded', 'ada%0D', 'ada%250D'],
  ])('E4 %s in a subject is one value, and no two subjects become one', async (_name, sub, sent) => {
    const gateway = await open()
    await call(gateway, gateway.token('a', { sub }))
    expect(gateway.upstream.received[0]?.headers['x-mcp-subject']).toBe(sent)
  })

  test('E4 four kilobytes of subject are refused', async () => {
    const gateway = await open()
    expect((await call(gateway, gateway.token('a', { sub: 's'.repeat(4096) }))).status).toBe(401)
  })

  test.each([
    ['a client of ours says so', '', '127.0.0.1'],
    ['a proxy that is trusted says so', 'trusted_proxies: [127.0.0.1]', '203.0.113.9'],
  ])('E5 the address in the audit when %s', async (_name, top, address) => {
    const gateway = await open({ top })
    await gateway.post(toolCall('safe'), {
      'x-forwarded-for': '203.0.113.9',
      'x-original-client-ip': '9.9.9.9',
    })
    expect(JSON.stringify(gateway.audit().at(-1))).toContain(`"${address}"`)
    expect(JSON.stringify(gateway.audit())).not.toContain('9.9.9.9')
  })
})

test('E6 an event is passed on before the next one exists', async () => {
  const gateway = await open()
  const gate = Promise.withResolvers<void>()
  gateway.upstream.respond = async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}\n\n')
    await gate.promise
    response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
  }
  const response = await call(gateway, gateway.token())
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(Buffer.from(first?.value ?? []).toString()).toContain('"progress":1')
  gate.resolve()
  const second = await reader?.read()
  expect(Buffer.from(second?.value ?? []).toString()).toContain('"result"')
})
