// What an upstream is told: our words first, the client's after them, and nothing of the client's under our names.
import { expect, test } from 'vitest'
import type { Principal } from '../../src/core/principal.ts'
import {
  createHeaderWriter,
  encodeIdentity,
  type HeaderOptions,
  type Mirrored,
} from '../../src/upstream/identity-headers.ts'

const OPTIONS: HeaderOptions = {
  identityPrefix: 'x-mcp-',
  authority: 'Upstream.test:3001',
  ...{ staticHeaders: {}, assertions: [] },
  forwardToken: false,
}

function principal(over: Partial<Principal> = {}): Principal {
  return {
    issuer: 'https://as.example/',
    subject: 'user-1',
    key: 'user-1',
    clientId: 'client-1',
    scopes: new Set(['a', 'b:c']),
    roles: [],
    expiresAt: 0,
    boundKey: undefined,
    claims: {},
    ...over,
  }
}

interface Write {
  readonly options?: Partial<HeaderOptions>
  readonly who?: Principal | undefined
  readonly sessionId?: string
  readonly lastEventId?: string
  readonly mirrored?: Mirrored
}

const ALL: Mirrored = { method: true, name: true, arguments: true }

function write(
  fields: readonly string[],
  { options, sessionId, lastEventId, mirrored = ALL, ...rest }: Write = {},
): string {
  const who = 'who' in rest ? rest.who : principal()
  const writer = createHeaderWriter({ ...OPTIONS, ...options })
  const call = { principal: who, requestId: 'id-1', calls: [], body: undefined }
  return writer({ ...call, fields, sessionId, lastEventId, mirrored })
}

function check(fields: readonly string[], how: Write = {}): [string, string][] {
  const lines = write(fields, how).split('\r\n')
  expect(lines.pop()).toBe('') // each line has its end
  return lines.map((line) => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)]
  })
}

const OURS: [string, string][] = [
  ['host', 'Upstream.test:3001'],
  ['accept-encoding', 'identity'],
  ['x-request-id', 'id-1'],
  ['x-mcp-subject', 'user-1'],
  ['x-mcp-scopes', 'a b:c'],
  ['x-mcp-issuer', 'https://as.example/'],
  ['x-mcp-client-id', 'client-1'],
]

test('H20 ours come first, whatever follows (N-02: the authority byte for byte)', () => {
  const junk = Array.from({ length: 90 }, (_, i) => [`x-junk-${i}`, 'v']).flat()
  expect(check(junk).slice(0, OURS.length)).toEqual(OURS)
})

const REMOVED = [
  'X-Mcp-Subject',
  'x-mcp-scopes',
  'X-MCP-CLIENT-ID',
  'x-mcp-anything',
  'X_Mcp_Subject',
  'x_mcp-subject',
  'X-Mcp_Subject',
  'X.Mcp.Subject',
  'XMcpSubject',
  'x-mcp~subject',
  'Authorization',
  'DPoP',
  'Cookie',
  'Proxy-Authorization',
  'X-Api-Key',
  'X_Api_Key',
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-User',
  'X_Forwarded_Host',
  'X-Real-IP',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-HTTP-Method-Override',
  'X-Request-Id',
  'X-Auth-Request-User',
  'Origin',
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'TE',
  'Trailer',
  'Upgrade',
  'Keep-Alive',
  'Proxy-Connection',
  'Expect',
  'Accept-Encoding',
  'Mcp-Session-Id',
  'Mcp_Method',
]

/** Under which neighbouring systems, proxies and browsers say who calls, from where and how. */
const CLAIMED = [
  ...[
    'Remote-User',
    'Remote-Groups',
    'Remote-Email',
    'X-Remote-User',
    'X-Client-IP',
    'X-ClientIP',
    'Client-IP',
  ],
  ...['CF-Connecting-IP', 'Cf-Access-Jwt-Assertion', 'Cf-Access-Authenticated-User-Email', 'True-Client-IP'],
  ...[
    'Fastly-Client-IP',
    'Fly-Client-IP',
    'X-Azure-ClientIP',
    'X-Vercel-Forwarded-For',
    'X-Cluster-Client-IP',
  ],
  ...[
    'X-Goog-Authenticated-User-Email',
    'X-Goog-IAP-JWT-Assertion',
    'X-Amzn-Oidc-Identity',
    'X-Amzn-Oidc-Data',
  ],
  ...[
    'X-MS-CLIENT-PRINCIPAL',
    'X-MS-CLIENT-PRINCIPAL-NAME',
    'X-MS-TOKEN-AAD-ID-TOKEN',
    'Tailscale-User-Login',
  ],
  ...[
    'X-authentik-username',
    'X-Pomerium-Jwt-Assertion',
    'X-Vouch-User',
    'X-WEBAUTH-USER',
    'Gap-Auth',
    'X-User-Id',
  ],
  ...[
    'X-Consumer-Username',
    'X-Credential-Identifier',
    'X-Authenticated-Userid',
    'Impersonate-User',
    'X-Jwt-Payload',
  ],
  ...['Client-Cert', 'SSL-Client-Cert', 'X-SSL-Client-Verify', 'X-Client-Cert', 'X-Envoy-External-Address'],
  ...[
    'X-Original-URI',
    'X-Original-Forwarded-For',
    'X-Host',
    'X-Scheme',
    'X-Script-Name',
    'Proxy',
    'X-Sendfile-Type',
  ],
  ...['Sec-Fetch-Site', 'Sec-Fetch-Mode', 'Referer', 'X-Portcullis-Request', 'Remote_User'],
]

test.each(CLAIMED)('L46 a client’s %s is removed', (name) => {
  expect(check([name, 'x'])).toEqual(OURS)
})

test.each(REMOVED)('H15 H16 H17 H22 H23 H24 FWD-05 FWD-06 a client’s %s is removed', (name) => {
  expect(check([name, 'evil'])).toEqual(OURS)
})

test.each([
  ['Mcp-Method', 'tools/call'],
  ['Mcp-Name', 'safe'],
  ['Mcp-Param-Region', 'us-west1'],
  ['Mcp-Param-tenant_id', 'acme'],
  ['MCP-Protocol-Version', '2025-11-25'],
  ['Accept', 'application/json, text/event-stream'],
  ['Content-Type', 'application/json'],
  ['X-Custom', 'v'],
  ['tracestate', 'a=b'],
  ['X-Mcpx', 'no prefix of ours ends here'],
])('FWD-07 N-04 a client’s %s passes as it is', (name, value) => {
  expect(check([name, value])).toEqual(name === 'X-Mcpx' ? OURS : [...OURS, [name, value]])
})

test('H18 what is absent is deleted all the same', () => {
  const fields = ['x-mcp-subject', 'root', 'X-Mcp-Scopes', 'admin', 'x-mcp-client-id', 'c']
  expect(check(fields, { who: undefined })).toEqual(OURS.slice(0, 3))
  const bare = principal({ clientId: undefined, scopes: new Set() })
  expect(check(fields, { who: bare })).toEqual([...OURS.slice(0, 4), ['x-mcp-scopes', ''], OURS[5]])
})

test.each(['x-mcp-subject', 'X-Request-Id', 'mcp-name', 'content-type', 'x-custom'])(
  'H19 Connection: %s takes the client’s header, never ours',
  (name) => {
    const fields = ['Connection', `close, ${name}`, 'mcp-name', 'n', 'content-type', 'a/b', 'x-custom', 'v']
    const kept = [
      ['mcp-name', 'n'],
      ['content-type', 'a/b'],
      ['x-custom', 'v'],
    ].filter(([each]) => each !== name)
    expect(check(fields)).toEqual([...OURS, ...kept])
  },
)

test('H21 the fields we add stay far below the room that is left for them', () => {
  const long = principal({ subject: '日'.repeat(200) })
  expect(write([], { who: long }).length).toBeLessThan(4_096)
})

test.each([
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', true],
  ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', false],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', false],
  ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', false],
  ['junk', false],
])('FWD-12 traceparent %s passes: %s', (value, passes) => {
  expect(check(['traceparent', value]).length).toBe(OURS.length + (passes ? 1 : 0))
})

test('T26-21 2026-07-28 has no resumption; the session is the upstream’s own id', () => {
  expect(check(['Last-Event-ID', '7'])).toEqual(OURS)
  const own = check(['Last-Event-ID', 'sealed'], { lastEventId: '7' })
  expect(own.filter(([name]) => name.toLowerCase() === 'last-event-id')).toEqual([['last-event-id', '7']])
  expect(check(['mcp-session-id', 'sealed'], { sessionId: 'plain' })).toContainEqual([
    'mcp-session-id',
    'plain',
  ])
})

test('FWD-03 a static credential is ours: the client’s header of that name goes', () => {
  const staticHeaders = { 'X-Upstream-Key': 's3cret' }
  const written = check(['x-upstream-key', 'mine', 'X_Upstream_Key', 'mine'], { options: { staticHeaders } })
  expect(written.filter(([name]) => name.toLowerCase().includes('upstream'))).toEqual([
    ['X-Upstream-Key', 's3cret'],
  ])
})

test('FWD-04 the token goes on only where the file says so', () => {
  const fields = ['Authorization', 'Bearer t']
  expect(check(fields, { options: { forwardToken: true } })).toContainEqual(['Authorization', 'Bearer t'])
})

test('TOK-10 a credential of nobody goes on nowhere', () => {
  const fields = ['Authorization', 'Basic cm9vdDpyb290']
  expect(check(fields, { options: { forwardToken: true }, who: undefined })).toEqual(OURS.slice(0, 3))
})

test('another identity prefix frees the usual one', () => {
  const written = check(['x-me-subject', 'root', 'x-mcp-subject', 'mine'], {
    options: { identityPrefix: 'x-me-' },
  })
  expect(written).toContainEqual(['x-me-subject', 'user-1'])
  expect(written).toContainEqual(['x-mcp-subject', 'mine'])
  expect(written).not.toContainEqual(['x-me-subject', 'root'])
})

test.each(['a\r\nx-mcp-subject: root', 'a\nb', 'a\rb', 'a\0b', '\u010d\u010a', '\u0141'])(
  'H19 a value that would end its line, %j, is a bug before it is a header',
  (value) => {
    expect(() => write(['x-custom', value])).toThrow('a value of x-custom that no header may have')
    expect(() => write([], { sessionId: value })).toThrow('mcp-session-id')
    const staticHeaders = { 'x-key': value }
    expect(() => createHeaderWriter({ ...OPTIONS, staticHeaders })).toThrow('x-key')
  },
)

test.each([
  ['admin', 'admin'],
  [' admin', '%20admin'],
  ['admin\t', 'admin%09'],
  ['a\r\nX-Mcp-Scopes: admin', 'a%0D%0AX-Mcp-Scopes:%20admin'],
  ['a\u0000b', 'a%00b'],
  ['日本', '%E6%97%A5%E6%9C%AC'],
  ['100%', '100%25'],
  ['%41', '%2541'],
  ['ÿ', '%C3%BF'],
  ['\u007f', '%7F'],
  ['"quoted",;', '"quoted",;'],
  ['', ''],
])('J58 J59 J60 %j is sent as %s', (value, expected) => {
  expect(encodeIdentity(value)).toBe(expected)
  expect(decodeURIComponent(expected)).toBe(value)
})
