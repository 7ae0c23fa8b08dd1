// What a whole gateway sends to the upstream: the bytes that were judged, our identity, its own credential, and
// neither the caller's token nor what was put beside it.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway(options)
  return gateway
}

const seen = () => {
  const received = gateway.upstream.received.at(-1)
  if (received === undefined) throw new Error('nothing reached the upstream')
  return received
}

test('FWD-08: an allowed call goes on as the bytes that were sent, with identity', async () => {
  await start()
  const body = '{ "jsonrpc":"2.0", "id":9007199254740993, "method":"tools/call","params":{"name":"safe"} }'
  gateway.upstream.respond = (_request, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"jsonrpc":"2.0","id":9007199254740993,"result":{}}')
  const response = await gateway.post(body)
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('{"jsonrpc":"2.0","id":9007199254740993,"result":{}}')
  expect(seen().body.toString()).toBe(body)
  expect(seen().headers).toMatchObject({
    'x-mcp-subject': 'user-1',
    'x-mcp-scopes': 'a',
    'x-mcp-client-id': 'client-1',
    'x-mcp-issuer': gateway.issuer.url,
    'x-request-id': response.headers.get('x-request-id'),
    host: new URL(gateway.upstream.url).host,
  })
})

test('H22, FWD-01: no credential of the caller goes on', async () => {
  await start()
  await gateway.post(toolCall('safe'), { cookie: 'a=b', 'x-api-key': 'k', 'proxy-authorization': 'Basic x' })
  for (const name of ['authorization', 'cookie', 'x-api-key', 'proxy-authorization', 'dpop']) {
    expect(seen().headers).not.toHaveProperty(name)
  }
})

test('FWD-07: everything else goes on', async () => {
  await start()
  const headers = {
    'x-custom': 'value',
    'accept-language': 'de',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=b',
  }
  await gateway.post(toolCall('safe'), headers)
  expect(seen().headers).toMatchObject(headers)
})

test('a traceparent that is none is dropped', async () => {
  await start()
  await gateway.post(toolCall('safe'), { traceparent: 'anything' })
  expect(seen().headers).not.toHaveProperty('traceparent')
})

const IDENTITIES: readonly (readonly [id: string, sub: string, sent: string])[] = [
  ['J60 line ends', 'a\r\nX-Admin: 1', 'a%0D%0AX-Admin:%201'],
  ['J59 space around', ' lead', '%20lead'],
  ['J58 percent', '100%', '100%25'],
  ['J58 not ASCII', 'zoë', 'zo%C3%AB'],
]

test.each(IDENTITIES)('%s: a subject is one value with one spelling', async (_id, sub, sent) => {
  await start()
  await gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', { sub })}` })
  expect(seen().headers['x-mcp-subject']).toBe(sent)
  expect(seen().headers).not.toHaveProperty('x-admin')
})

test('scopes keep their single spaces', async () => {
  await start()
  await gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a b:c d')}` })
  expect(seen().headers['x-mcp-scopes']).toBe('a b:c d')
})

test.each([
  ['access_token', ''],
  ['ACCESS_TOKEN', ''],
  ['access%5Ftoken', ''],
  ['access_token=x&access_token', ''],
])('TOK-02, J70: %s in the query does not go on', async (name) => {
  await start({ upstream: 'pass_query: true,' })
  const path = `/mcp/a?keep=1&${name}=${gateway.token()}&also=2`
  expect((await gateway.post(toolCall('safe'), {}, path)).status).toBe(200)
  expect(seen().url).toBe('/mcp?keep=1&also=2')
})

test('L46 the query goes on only where the route says so', async () => {
  await start()
  expect((await gateway.post(toolCall('safe'), {}, '/mcp/a?as=admin')).status).toBe(200)
  expect(seen().url).toBe('/mcp')
})

test('upstream_auth static: the gateway’s own credential, whatever the client sends under that name', async () => {
  await start({
    route: '    upstream_auth: { mode: static, header: X-Upstream-Key, value: "Key ${UPSTREAM}" }',
    env: { UPSTREAM: 'of the gateway' },
  })
  await gateway.post(toolCall('safe'), { 'x-upstream-key': 'of the client', x_upstream_key: 'too' })
  expect(seen().headers['x-upstream-key']).toBe('Key of the gateway')
  expect(JSON.stringify(seen().rawHeaders)).not.toMatch(/of the client|too/)
  expect(seen().headers).not.toHaveProperty('authorization')
})

test('upstream_auth static: as authorization it replaces the caller’s', async () => {
  await start({
    route: '    upstream_auth: { mode: static, header: authorization, value: "Bearer ${UPSTREAM}" }',
    env: { UPSTREAM: 'upstream-key' },
  })
  await gateway.post(toolCall('safe'))
  expect(seen().headers.authorization).toBe('Bearer upstream-key')
})

test('FWD-04, upstream_auth forward_token: the token as it came, and only on that word', async () => {
  await start({ route: '    upstream_auth: { mode: forward_token }' })
  const authorization = `Bearer ${gateway.token()}`
  await gateway.post(toolCall('safe'), { authorization })
  expect(seen().headers.authorization).toBe(authorization)
})

test('identity prefix: ours under that name, and nothing the client says under it', async () => {
  await start({ route: '    identity: { prefix: x-gw- }' })
  await gateway.post(toolCall('safe'), { 'x-gw-subject': 'root', X_GW_Roles: 'root', 'x-gw-extra': 'root' })
  expect(seen().headers).toMatchObject({ 'x-gw-subject': 'user-1', 'x-gw-scopes': 'a' })
  expect(JSON.stringify(seen().rawHeaders)).not.toContain('root')
  expect(seen().headers).not.toHaveProperty('x-mcp-subject')
})

test('L35: an upstream that echoes the identity headers tells the client nothing', async () => {
  await start()
  gateway.upstream.respond = (request, response) =>
    void response
      .writeHead(200, {
        'content-type': 'application/json',
        'x-mcp-subject': String(request.headers['x-mcp-subject']),
        'set-cookie': 'a=b',
        server: 'secret/1',
      })
      .end('{"jsonrpc":"2.0","id":1,"result":{}}')
  const { headers } = await gateway.post(toolCall('safe'))
  for (const name of ['x-mcp-subject', 'set-cookie', 'server']) expect(headers.get(name)).toBeNull()
})

test('CAC-05: an answer is not stored unless the upstream says so', async () => {
  await start()
  expect((await gateway.post(toolCall('safe'))).headers.get('cache-control')).toBe('no-store')
})
