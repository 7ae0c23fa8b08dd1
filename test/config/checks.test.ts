// What has to agree between keys: names, paths, issuers and their introspection, and what is exposed to whom.
import { describe, expect, it } from 'vitest'
import { expectError, expectWarning, file, load } from './support.ts'

const CLIENT = 'client_id: a, client_secret: "${SECRET}"'
const opaque = (name: string): string =>
  `${name}: { issuer: https://${name}.example, validation: introspection, introspection: { ${CLIENT} } }`
const second = (more: string): string =>
  `- { name: b, path: /b, upstream: "http://127.0.0.1:1", issuers: [corp], ${more} }`
const introspected = (line: string, validation = 'introspection'): string =>
  file({ issuer: `validation: ${validation}\nintrospection: { client_id: a, ${line} }` })
const endpoint = (url: string): string => introspected(`client_secret: "\${SECRET}", endpoint: "${url}"`)

/** As the entry of another gateway. */
const peer = (url: string): string => `{ name: east, url: "${url}", token: "\${SECRET}" }`

const ERRORS: readonly (readonly [string, string, RegExp, string?])[] = [
  [
    'an assertion for a resource of the gateway',
    file({ route: 'upstream_auth: [{ mode: assertion, audience: "https://mcp.example.com/other" }]' }),
    /name that server, not a resource of the gateway/,
  ],
  [
    'an assertion for an audience of a route',
    file({ route: 'audience: [urn:notes]\nupstream_auth: { mode: assertion, audience: urn:notes }' }),
    /name that server, not a resource of the gateway/,
  ],
  ['dangling issuer', file({ trusts: '[crop]' }), /no issuer is named "crop"; did you mean "corp"\?/, 'crop'],
  ['an issuer twice', file({ trusts: '[corp, corp]' }), /duplicate issuer "corp"/, 'corp'],
  [
    'duplicate route name',
    file({ routes: second('').replace('name: b', 'name: notes') }),
    /duplicate route name "notes"/,
  ],
  [
    'duplicate rule name',
    file({ rules: ['{ name: x, tools: [a] }', '{ name: x, tools: [b] }'] }),
    /duplicate rule name "x"/,
    'x',
  ],
  [
    'Y17 duplicate path',
    file({ routes: second('').replace('/b', '/notes') }),
    /route "notes" already answers at \/notes/,
    '/notes',
  ],
  [
    'Y17 path of the messages',
    file({
      upstream: '{ url: http://127.0.0.1:1/sse, transport: sse }',
      routes: second('').replace('/b', '/notes/messages'),
    }),
    /already answers at \/notes\/messages/,
  ],
  ['PRM-19 /.well-known', file({ path: '/.well-known/x' }), /the gateway itself answers/],
  ['/healthz', file({ path: '/healthz' }), /the gateway itself answers/, '/healthz'],
  ['/metrics', file({ path: '/metrics' }), /the gateway itself answers/],
  [
    '/approvals/, where a rule asks for approval',
    file({
      path: '/approvals/mcp',
      rules: ['{ tools: [a], effect: approve, approvers: { subjects: [ada] } }'],
    }),
    /how a call that waits for approval stands is at/,
    '/approvals/mcp',
  ],
  [
    'PRM-11 offline_access',
    file({ route: 'scopes: [a, offline_access]' }),
    /offline_access is no scope/,
    'offline_access',
  ],
  [
    'Y21 http issuer',
    file({ issuers: 'x: { issuer: http://a.example, allow_insecure_issuer: true }' }),
    /only for an issuer on this machine/,
  ],
  [
    'Y21 http issuer on loopback',
    file({ issuers: 'x: { issuer: "http://127.0.0.1:9000" }' }),
    /needs allow_insecure_issuer: true/,
  ],
  [
    'Y21 loopback look-alike',
    file({ issuers: 'x: { issuer: http://127.0.0.1.example, allow_insecure_issuer: true }' }),
    /on this machine/,
  ],
  ['I30 http endpoint', endpoint('http://a.example/i'), /only for an issuer on this machine/],
  ['I30 http endpoint on loopback', endpoint('http://127.0.0.1/i'), /needs allow_insecure_issuer/],
  [
    'ORG-06 public_url over http',
    file({ publicUrl: 'http://a.example' }),
    /plain http is only for this machine/,
    'http://a.example',
  ],
  [
    'H49 approvals are told to a link-local address',
    file({
      top: `approvals: { webhook: { url: "https://169.254.169.254/", secret: "whsec_${'A'.repeat(43)}=" } }`,
    }),
    /not a link-local address/,
  ],
  ['K08 admin off loopback', file({ top: 'admin: { listen: "0.0.0.0:9090" }' }), /admin needs a token/],
  [
    'two peers of one name',
    file({ top: `admin: { peers: [${peer('https://a.example:9090')}, ${peer('https://b.example:9090')}] }` }),
    /duplicate peer "east"/,
    'east',
  ],
  [
    'admin where the gateway is',
    file({ top: 'admin: { listen: "127.0.0.1:8080" }' }),
    /listens there already/,
  ],
  [
    'unused introspection',
    introspected('client_secret: "${SECRET}"', 'jwt'),
    /nothing uses this block/,
    'introspection',
  ],
  [
    'introspection without its block',
    file({ issuer: 'validation: jwt_else_introspection' }),
    /needs an introspection block/,
  ],
  [
    'both without its block',
    file({ issuer: 'validation: jwt_and_introspection' }),
    /needs an introspection block/,
  ],
  [
    'require_active without introspection',
    file({ rules: ['{ tools: [a], require_active: true }'] }),
    /require_active needs an issuer/,
    'true',
  ],
  ['basic without a secret', introspected('auth: basic'), /auth basic needs client_secret/],
  [
    'private_key_jwt without a key',
    introspected('auth: private_key_jwt'),
    /auth private_key_jwt needs private_key/,
  ],
  [
    'private_key_jwt with a secret',
    introspected('auth: private_key_jwt, private_key: "${SECRET}", client_secret: "${SECRET}"'),
    /uses no client_secret/,
  ],
  [
    'post with a key',
    introspected('auth: post, client_secret: "${SECRET}", private_key: "${SECRET}"'),
    /uses no private_key/,
  ],
]

describe('disagreements', () => {
  for (const [id, text, words, at] of ERRORS) it(id, () => expectError(text, words, at))

  it('I15 two issuers that take opaque tokens may not share a route', () => {
    const loaded = load(file({ issuers: `${opaque('x')}\n${opaque('y')}`, trusts: '[x, y]' }))
    expect(loaded).toMatchObject({ ok: false })
    expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.message)).toContainEqual(
      expect.stringMatching(/"x" takes opaque tokens on this route already/),
    )
  })

  it('the same issuer under two names may not share a route', () => {
    const loaded = load(file({ issuers: 'x: { issuer: https://login.example.com }', trusts: '[corp, x]' }))
    expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.message)).toContainEqual(
      expect.stringMatching(/"x" and "corp" are the same issuer/),
    )
  })
})

const WARNINGS: readonly (readonly [string, string, RegExp, string?])[] = [
  ['N-07 a bare origin', file({ path: '/' }), /a resource without a path confuses clients/, '/'],
  ['Y15 default allow', file({ policy: 'default: allow' }), /whatever no rule speaks of is allowed/, 'allow'],
  [
    'a peer whose token goes in the clear',
    file({ top: `admin: { peers: [${peer('http://east.example:9090')}] }` }),
    /the token goes there without TLS/,
  ],
  ['anonymous methods', file({ policy: 'anonymous: [tools/list]' }), /open to everyone without a token/],
  [
    'FWD-02 forward_token',
    file({ route: 'upstream_auth: { mode: forward_token }' }),
    /receives the tokens of callers/,
  ],
  [
    'Y19 http audience',
    file({ route: 'audience: ["http://mcp.example.com/notes"]' }),
    /not the resource of this route/,
  ],
  [
    'Y19 another path',
    file({ route: 'audience: ["https://mcp.example.com/other"]' }),
    /not the resource of this route/,
  ],
  [
    'Y21 plain http upstream',
    file({ upstream: 'http://10.0.0.7/mcp' }),
    /plain http beyond this machine/,
    'http://10.0.0.7/mcp',
  ],
  [
    'Y24 everyone is trusted',
    file({ top: 'trusted_proxies: ["0.0.0.0/0"]' }),
    /trusts X-Forwarded-For of everyone/,
  ],
  [
    'J55 two issuers',
    file({ issuers: 'x: { issuer: https://x.example }', trusts: '[corp, x]' }),
    /same subject for two people/,
  ],
]

describe('doubts', () => {
  for (const [id, text, words, at] of WARNINGS) it(id, () => expectWarning(text, words, at))
})

const FINE: readonly (readonly [string, string])[] = [
  ['the smallest file', file()],
  [
    'http issuer on loopback with the word',
    file({ issuers: 'x: { issuer: "http://localhost:9000", allow_insecure_issuer: true }' }),
  ],
  ['public_url over http on loopback', file({ publicUrl: 'http://[::1]:8080' })],
  ['admin off loopback with a token', file({ top: 'admin: { listen: "0.0.0.0:9090", token: "${SECRET}" }' })],
  ['a peer over https', file({ top: `admin: { peers: [${peer('https://a.example:9090')}] }` })],
  ['a peer on this machine', file({ top: `admin: { peers: [${peer('http://127.0.0.1:9091')}] }` })],
  ['ports of 0', file({ top: 'listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }' })],
  ['an audience that is no URL', file({ route: 'audience: [api://default]' })],
  ['the resource as audience', file({ route: 'audience: [https://mcp.example.com/notes]' })],
  [
    'introspection for require_active',
    introspected('client_secret: "${SECRET}"', 'jwt').replace(
      'tools: [a]',
      'tools: [a], require_active: true',
    ),
  ],
  ['private_key_jwt', introspected('auth: private_key_jwt, private_key: "${SECRET}"')],
  ['paths that share a beginning', file({ routes: second('').replace('/b', '/notes/b') })],
  [
    'one opaque issuer on each route',
    file({
      issuers: `${opaque('x')}\n${opaque('y')}`,
      trusts: '[x]',
      routes: second('').replace('corp', 'y'),
    }),
  ],
]

describe('agreement', () => {
  it.each(FINE)('%s', (_, text) => expect(load(text)).toMatchObject({ ok: true, warnings: [] }))
})
