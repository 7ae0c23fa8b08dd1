// Host, Origin and CORS of a whole gateway: on loopback, and with a public name behind a proxy.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { fieldOf, overWire } from '../support/wire.ts'

const APP = 'https://app.example.com'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    top: `allowed_origins: ["${APP}", "chrome-extension://abc"]\nallowed_hosts: [gw.internal]`,
  })
})
afterAll(() => gateway.close())

const REFUSED: readonly (readonly [id: string, origin: string])[] = [
  ['another site', 'https://evil.example'],
  ['null', 'null'],
  ['a look-alike of loopback', 'http://localhost.evil.example'],
  ['loopback with userinfo', 'http://localhost@evil.example'],
  ['a port of a listed host', `${APP}:81`],
  ['another scheme of a listed host', 'http://app.example.com'],
  ['a subdomain of a listed host', 'https://x.app.example.com'],
  ['another case of a listed host', 'https://APP.example.com'],
  ['a path', `${APP}/`],
  ['an unlisted scheme', 'chrome-extension://other'],
  ['not an origin', 'evil'],
  ['empty', ''],
]

test.each(REFUSED)('ORG-01, M58: %s is 403 before the token is looked at', async (_id, origin) => {
  const before = gateway.upstream.received.length
  const { host } = new URL(gateway.origin)
  const head = `POST /mcp/a HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\n\r\n`
  const [answer] = await overWire(gateway.origin, head, 1)
  expect(answer?.status).toBe(403)
  expect(fieldOf(answer, 'www-authenticate')).toBeUndefined()
  expect(fieldOf(answer, 'access-control-allow-origin')).toBeUndefined()
  expect(gateway.upstream.received.length).toBe(before)
})

test('M58: two Origin lines, one of them good', async () => {
  const { host } = new URL(gateway.origin)
  const lines = `Origin: ${APP}\r\nOrigin: https://evil.example\r\n`
  const [answer] = await overWire(gateway.origin, `POST /mcp/a HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`, 1)
  expect(answer?.status).toBe(403)
})

const ACCEPTED: readonly (readonly [id: string, origin: string | undefined])[] = [
  ['absent', undefined],
  ['listed', APP],
  ['a listed scheme', 'chrome-extension://abc'],
  ['ORG-02 localhost on any port', 'http://localhost:6274'],
  ['ORG-02 127.0.0.1', 'http://127.0.0.1'],
  ['ORG-02 [::1]', 'http://[::1]:3000'],
]

test.each(ACCEPTED)('ORG-01: %s is accepted, and not sent on (ORG-04)', async (_id, origin) => {
  const response = await gateway.post(toolCall('safe'), origin === undefined ? {} : { origin })
  expect(response.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('origin')
})

test.each(['gw.internal', 'GW.internal', 'localhost:1', '127.0.0.1'])(
  'ORG-02, M59: Host %s is served',
  async (host) => {
    const [answer] = await overWire(gateway.origin, `POST /mcp/a HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 1)
    expect(answer?.status).toBe(401)
  },
)

const EXPOSED = 'www-authenticate, mcp-session-id, mcp-protocol-version, dpop-nonce, x-request-id'

describe('ORG-05, M61: CORS', () => {
  const preflight = (headers: Readonly<Record<string, string>>) =>
    fetch(gateway.resource, {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST', ...headers },
    })

  test('a preflight of a listed origin', async () => {
    const response = await preflight({
      origin: APP,
      'access-control-request-headers':
        'authorization, mcp-param-region, x-evil, mcp-param-, Mcp-Param-tenant_id',
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe(APP)
    expect(response.headers.get('access-control-allow-methods')).toBe('POST, GET, DELETE')
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, accept, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, ' +
        'last-event-id, dpop, traceparent, tracestate, x-portcullis-request, mcp-param-region, mcp-param-tenant_id',
    )
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('vary')).toBe('origin')
  })

  test.each(['https://evil.example', 'null', 'http://localhost:1'])(
    'a preflight of %s grants nothing',
    async (origin) => {
      const response = await preflight({ origin })
      expect(response.status).toBe(204)
      const granted = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'))
      expect(granted).toEqual([])
      expect(response.headers.get('vary')).toBe('origin')
    },
  )

  test('a very long list of asked headers is not reflected', async () => {
    const asked = Array.from({ length: 200 }, (_, index) => `mcp-param-${index}`).join(',')
    const response = await preflight({ origin: APP, 'access-control-request-headers': asked })
    expect(response.headers.get('access-control-allow-headers')?.split(', ')).toHaveLength(12 + 32)
  })

  test('refusals can be read by a listed origin', async () => {
    const challenged = await fetch(gateway.resource, { method: 'POST', headers: { origin: APP } })
    const forbidden = await gateway.post(toolCall('danger'), { origin: APP })
    expect([challenged.status, forbidden.status]).toEqual([401, 403])
    for (const { headers } of [challenged, forbidden]) {
      expect(headers.get('access-control-allow-origin')).toBe(APP)
      expect(headers.get('access-control-expose-headers')).toBe(EXPOSED)
      expect(headers.get('vary')).toBe('origin')
    }
  })

  test('answers too, and the upstream’s own CORS is replaced', async () => {
    gateway.upstream.respond = (_request, response) =>
      void response
        .writeHead(200, {
          'content-type': 'application/json',
          'access-control-allow-origin': '*',
          'access-control-allow-credentials': 'true',
        })
        .end('{"jsonrpc":"2.0","id":1,"result":{}}')
    const listed = await gateway.post(toolCall('safe'), { origin: APP })
    expect(listed.headers.get('access-control-allow-origin')).toBe(APP)
    expect(listed.headers.get('access-control-allow-credentials')).toBeNull()
    const local = await gateway.post(toolCall('safe'), { origin: 'http://localhost:6274' })
    expect(local.headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('ORG-05: without allowed_origins there is no CORS', async () => {
  const plain = await startTestGateway()
  const response = await plain.post(toolCall('danger'), { origin: 'http://localhost:6274' })
  expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  await plain.close()
})

describe('ORG-02, ORG-07, H24: with a public name', () => {
  let proxied: TestGateway
  const head = (lines: string) => `POST /mcp/a HTTP/1.1\r\n${lines}\r\n`
  beforeAll(async () => {
    proxied = await startTestGateway({ publicUrl: 'https://gw.example' })
  })
  afterAll(() => proxied.close())

  test.each([
    ['the public host', 'Host: gw.example\r\n', 401],
    ['the public host and port', 'Host: gw.example:443\r\n', 401],
    ['another port', 'Host: gw.example:81\r\n', 403],
    ['the public origin', 'Host: gw.example\r\nOrigin: https://gw.example\r\n', 401],
    ['the public origin on another port', 'Host: gw.example\r\nOrigin: https://gw.example:81\r\n', 403],
    ['the public origin without TLS', 'Host: gw.example\r\nOrigin: http://gw.example\r\n', 403],
    ['a local page is a stranger', 'Host: gw.example\r\nOrigin: http://localhost:3000\r\n', 403],
  ])('%s', async (_id, lines, status) => {
    const [answer] = await overWire(proxied.origin, head(lines), 1)
    expect(answer?.status).toBe(status)
  })

  test('forwarding headers change no name of ours', async () => {
    const lines =
      'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: http\r\nForwarded: host=evil.example\r\n'
    const [answer] = await overWire(proxied.origin, head(`Host: gw.example\r\n${lines}`), 1)
    expect(fieldOf(answer, 'www-authenticate')).toBe(
      'Bearer resource_metadata="https://gw.example/.well-known/oauth-protected-resource/mcp/a", scope="a"',
    )
  })
})
