// H rows about header fields: what a client says of itself never reaches the upstream as ours, and our own names
// never come from Host.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Aim, aimAt, expectRefused, post } from '../support/attack.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { fieldOf, overWire } from '../support/wire.ts'

let gateway: TestGateway
let aim: Aim
beforeAll(async () => {
  gateway = await startTestGateway()
  aim = aimAt(gateway)
})
afterAll(() => gateway.close())

/** The headers that reached the upstream, as they stood on the wire. */
async function relayed(more: string): Promise<readonly (readonly [string, string])[]> {
  const [answer] = await overWire(gateway.origin, post(aim, more), 1)
  expect(answer?.status).toBe(200)
  const raw = gateway.upstream.received.at(-1)?.rawHeaders ?? []
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] as string] as const] : []))
}

const OURS: Readonly<Record<string, string>> = {
  'x-mcp-subject': 'user-1',
  'x-mcp-scopes': 'a',
  'x-mcp-client-id': 'client-1',
}

const fold = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const STRIPPED: readonly (readonly [id: string, lines: string, forbidden: string])[] = [
  ['H15', 'X-Mcp-Subject: root\r\n', 'root'],
  ['H15 scopes', 'x-mcp-scopes: admin\r\n', 'admin'],
  ['H15 a name of ours that is not in use', 'X-Mcp-Groups: root\r\n', 'root'],
  ['H15 twice', 'X-Mcp-Subject: root\r\nX-Mcp-Subject: root\r\n', 'root'],
  ['H16 X_Mcp_Subject', 'X_Mcp_Subject: root\r\n', 'root'],
  ['H16 x_mcp-subject', 'x_mcp-subject: root\r\n', 'root'],
  ['H16 X-Mcp_Subject', 'X-Mcp_Subject: root\r\n', 'root'],
  ['H17 dots', 'X.Mcp.Subject: root\r\n', 'root'],
  ['H17 capitals', 'X-MCP-SUBJECT: root\r\n', 'root'],
  ['H17 other signs', "X'Mcp~Subject: root\r\n", 'root'],
  ['H19 of the subject', 'X-Mcp-Subject: root\r\nConnection: close, x-mcp-subject\r\n', 'root'],
  ['H19 of another', 'X-Secret: root\r\nConnection: x-secret, keep-alive\r\n', 'root'],
  ['H22', '', 'Bearer'],
  ['H23 cookie', 'Cookie: a=root\r\n', 'root'],
  ['H23 proxy-authorization', 'Proxy-Authorization: Basic root\r\n', 'root'],
  ['H23 x-api-key', 'X-Api-Key: root\r\n', 'root'],
  ['H23 X_Api_Key', 'X_Api_Key: root\r\n', 'root'],
  ['H24 forwarded', 'Forwarded: for=root\r\n', 'root'],
  ['H24 x-forwarded-for', 'X-Forwarded-For: root\r\n', 'root'],
  ['H24 x-forwarded-host', 'X-Forwarded-Host: root\r\n', 'root'],
  ['H24 x-forwarded-prefix', 'X-Forwarded-Prefix: /root\r\n', 'root'],
  ['H24 x-forwarded-uri', 'X-Forwarded-Uri: /root\r\n', 'root'],
  ['H24 x-real-ip', 'X-Real-IP: root\r\n', 'root'],
  ['H24 x-original-url', 'X-Original-URL: /root\r\n', 'root'],
  ['H24 x-rewrite-url', 'X-Rewrite-URL: /root\r\n', 'root'],
  ['M55 x-http-method-override', 'X-HTTP-Method-Override: DELETE\r\n', 'DELETE'],
  ['M55 x-method-override', 'X-Method-Override: DELETE\r\n', 'DELETE'],
  ['H41 upgrade', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n', 'h2c'],
  ['H08 expect', 'Expect: 100-continue\r\n', '100-continue'],
  ['x-request-id', 'X-Request-Id: root\r\n', 'root'],
]

test.each(STRIPPED)(
  '%s: not forwarded, and ours are written first, once each',
  async (_id, lines, forbidden) => {
    const fields = await relayed(lines)
    expect(fields.filter(([name]) => fold(name).startsWith('xmcp')).map(([, value]) => value)).toEqual([
      OURS['x-mcp-subject'],
      OURS['x-mcp-scopes'],
      gateway.issuer.url,
      OURS['x-mcp-client-id'],
    ])
    expect(fields.map(([, value]) => value).join('\n')).not.toContain(forbidden)
  },
)

test('H18: an identity value that the token lacks is absent, not the one the client sent', async () => {
  const claims = { client_id: undefined, azp: undefined }
  const noClient = { ...aim, head: aim.head.replace(aim.token, gateway.token('a', claims)) }
  await overWire(gateway.origin, post(noClient, 'X-Mcp-Client-Id: root\r\n'), 1)
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('x-mcp-client-id')
})

test('H14: names of the object prototype are ordinary headers', async () => {
  const fields = await relayed('__proto__: x\r\nconstructor: y\r\nhasOwnProperty: z\r\n')
  expect(fields).toContainEqual(['constructor', 'y'])
  expect(fields.map(([name]) => name)).not.toContain('__proto__')
})

test('H13: an 8-bit value goes on as its bytes', async () => {
  expect(await relayed('X-Note: caf\xe9\r\n')).toContainEqual(['X-Note', 'caf\xe9'])
})

test('H20: more than a hundred fields are refused, before anything is dropped', async () => {
  const junk = Array.from({ length: 998 }, (_, index) => `j${index}: 1\r\n`).join('')
  const answer = await expectRefused(gateway, post(aim, junk), 431)
  expect(fieldOf(answer, 'x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const most = Array.from({ length: 100 - 4 }, (_, index) => `j${index}: 1\r\n`).join('')
  const [fits] = await overWire(gateway.origin, post(aim, most), 1)
  expect(fits?.status).toBe(200)
})

test('H21: headers of a size that the gateway takes fit the upstream with ours', async () => {
  const [fits] = await overWire(gateway.origin, post(aim, `X-Long: ${'a'.repeat(11_000)}\r\n`), 1)
  expect(fits?.status).toBe(200)
  await expectRefused(gateway, post(aim, `X-Long: ${'a'.repeat(15_900)}\r\n`), 431)
})

test('H45: a request line of 20 KB', async () => {
  await expectRefused(gateway, post(aim, '', undefined, `/mcp/a?${'a'.repeat(20_000)}`), 431)
})

const withHost = (host: string) => (to: Aim) => post(to).replace(`Host: ${to.host}\r\n`, host)

const HOSTS: readonly (readonly [id: string, bytes: (to: Aim) => string, status: number])[] = [
  ['H27 absent', withHost(''), 400],
  ['H27 two', (to) => post(to, `Host: ${to.host}\r\n`), 400],
  ['H27 empty', withHost('Host:\r\n'), 400],
  ['H27 userinfo', withHost('Host: a@127.0.0.1\r\n'), 403],
  ['H27 a path', withHost('Host: evil/../x?\r\n'), 403],
  ['H27 a trailing dot', withHost('Host: localhost.\r\n'), 403],
  ['H27 4 KB', withHost(`Host: ${'a'.repeat(4_096)}\r\n`), 403],
  ['H26 a quote', withHost('Host: evil"x\r\n'), 403],
  ['H26 a parameter', withHost('Host: evil", error="x\r\n'), 403],
  ['H25, M59 another', withHost('Host: evil.example\r\n'), 403],
  ['M59 a loopback look-alike', withHost('Host: 127.0.0.1.evil.example\r\n'), 403],
]

test.each(HOSTS)('%s: refused, and echoed nowhere', async (_id, bytes, status) => {
  const answer = await expectRefused(gateway, bytes(aim), status)
  const head = answer.fields.map(([, value]) => value).join('\n')
  expect(head + answer.body).not.toMatch(/evil|a@|aaaa/)
  expect(fieldOf(answer, 'www-authenticate')).toBeUndefined()
})

test.each(['[::1]:1', 'localhost', '127.0.0.1:9'])('H27: %s is this machine', async (host) => {
  const [answer] = await overWire(gateway.origin, withHost(`Host: ${host}\r\n`)(aim), 1)
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.headers.host).toBe(new URL(gateway.upstream.url).host)
})

test('H25: the metadata and the challenge name the public URL, whatever Host says', async () => {
  const metadata = '/.well-known/oauth-protected-resource/mcp/a'
  const [page] = await overWire(gateway.origin, `GET ${metadata} HTTP/1.1\r\nHost: evil.example\r\n\r\n`, 1)
  expect(page?.status).toBe(200)
  expect(JSON.parse(page?.body ?? '')).toMatchObject({ resource: gateway.resource })
  const [challenge] = await overWire(gateway.origin, 'POST /mcp/a HTTP/1.1\r\nHost: localhost\r\n\r\n', 1)
  expect(fieldOf(challenge, 'www-authenticate')).toContain(`resource_metadata="${gateway.origin}${metadata}"`)
})

test('H52: early data that could be a replay is asked for again', async () => {
  await expectRefused(gateway, post(aim, 'Early-Data: 1\r\n'), 425)
})

test('H58, K19: nosniff on what is ours, and no banner', async () => {
  for (const path of [
    '/mcp/a',
    '/nowhere',
    '/.well-known/oauth-protected-resource/mcp/a',
    '/.well-known/x',
  ]) {
    const response = await fetch(gateway.origin + path)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    for (const banner of ['server', 'x-powered-by', 'via']) expect(response.headers.get(banner)).toBeNull()
  }
})
