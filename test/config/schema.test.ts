// The shape of the file: what each key becomes, what stands there when it is absent, and which values are refused.
import { describe, it } from 'vitest'
import { expectError, file } from './support.ts'

const issuer = (line: string): string => file({ issuer: line })
const route = (line: string): string => file({ route: line })
const rule = (text: string): string => file({ rules: [text] })
const top = (line: string): string => file({ top: line })
const introspection = (line: string): string =>
  file({
    issuer: `validation: introspection\nintrospection: { client_id: a, client_secret: "\${SECRET}", ${line} }`,
  })

const REFUSED: readonly (readonly [string, string, RegExp, string?])[] = [
  ['Y05 audiance', route('audiance: [a]'), /unknown key "audiance"; did you mean "audience"\?/, 'audiance'],
  [
    'Y05 scope for scopes',
    rule('{ tools: [a], scope: [b] }'),
    /unknown key "scope"; did you mean "scopes"\?/,
    'scope',
  ],
  ['Y05 tols', rule('{ tools: [b], tols: [a] }'), /unknown key "tols"; did you mean "tools"\?/, 'tols'],
  ['Y05 nothing near', top('zebra: 1'), /^unknown key "zebra"$/, 'zebra'],
  [
    'an allow rule that is observed',
    rule('{ tools: [a], mode: observe }'),
    /only deny and approve rules can be observed/,
    'observe',
  ],
  ['who without anybody', rule('{ tools: [a], who: {} }'), /name at least one of subjects, clients/],
  [
    'a key of who',
    rule('{ tools: [a], who: { client: [x], roles: [r] } }'),
    /unknown key "client"; did you mean "clients"/,
    'client',
  ],
  [
    'an issuer that the route does not trust',
    rule('{ tools: [a], who: { issuers: [crop] } }'),
    /trusts no issuer named "crop"; did you mean "corp"/,
    'crop',
  ],
  ['a condition that is no text', rule('{ tools: [a], when: true }'), /expected text/],
  ['a mode', top('mode: watch'), /expected one of enforce, observe/, 'watch'],
  [
    'a way to treat drift',
    route('manifest: { file: x, on_drift: kill }'),
    /expected one of off, warn, hide, block/,
    'kill',
  ],
  [
    'embedded beside other keys',
    issuer('embedded: true'),
    /"embedded" does not go together with/,
    'embedded',
  ],
  [
    'later: token_exchange',
    route('upstream_auth: { mode: token_exchange }'),
    /"token_exchange" arrives in a later/,
  ],
  ['an assertion without an audience', route('upstream_auth: { mode: assertion }'), /missing key "audience"/],
  [
    'two entries with one header',
    route(
      'upstream_auth: [{ mode: forward_token }, { mode: static, header: Authorization, value: "${SECRET}" }]',
    ),
    /an entry above writes authorization already/,
  ],
  [
    'none beside others',
    route('upstream_auth: [{ mode: none }, { mode: forward_token }]'),
    /expected one of static, forward_token, assertion/,
  ],
  [
    'a claim that an assertion has for itself',
    route('upstream_auth: { mode: assertion, audience: a, claims: [iss] }'),
    /the gateway writes iss, aud, sub, scope and the like itself/,
  ],
  [
    'an assertion for one body that is used again',
    route('upstream_auth: { mode: assertion, audience: a, body: true, reuse: true }'),
    /cannot be for one body/,
  ],
  [
    'an assertion in a header of HTTP',
    route('upstream_auth: { mode: assertion, audience: a, header: Host }'),
    /written by the gateway or by HTTP itself/,
  ],
  [
    'Y06 scopes as text',
    rule('{ tools: [a], scopes: "a b" }'),
    /expected a list or a map, found text/,
    '"a b"',
  ],
  ['Y06 scopes true', rule('{ tools: [a], scopes: true }'), /found true or false/, 'true'],
  ['Y06 scopes null', rule('{ tools: [a], scopes: }'), /found nothing/],
  ['Y06 scope with a space', rule('{ tools: [a], scopes: ["a b"] }'), /expected one scope/, '"a b"'],
  [
    'Y06 scope number',
    rule('{ tools: [a], scopes: [5] }'),
    /expected text or a list or a map, found a number/,
    '5',
  ],
  ['Y06 list for map', top('audit: [a]'), /expected a map, found a list/],
  [
    'Y07 tool number',
    rule('{ tools: [1.0] }'),
    /in quotes when it looks like a number, found a number/,
    '1.0',
  ],
  ['Y07 tool null', rule('{ tools: [~] }'), /found nothing/, '~'],
  ['Y07 tool 0x10', rule('{ tools: [0x10] }'), /found a number/, '0x10'],
  ['Y07 text for true', route('legacy_discovery: "yes"'), /expected true or false, found text/, '"yes"'],
  ['Y14 no issuers', file({ trusts: '[]' }), /an empty list says nothing/],
  ['Y14 empty scopes', rule('{ tools: [a], scopes: [] }'), /an empty list says nothing/],
  ['Y14 empty all', rule('{ tools: [a], scopes: { all: [] } }'), /an empty list says nothing/],
  ['Y14 empty nested', rule('{ tools: [a], scopes: [b, []] }'), /an empty list says nothing/],
  ['Y14 scopes {}', rule('{ tools: [a], scopes: {} }'), /missing key "all"/],
  ['Y14 empty baseline', route('scopes: []'), /an empty list says nothing/],
  ['Y14 empty audience', route('audience: [""]'), /this may not be empty/],
  ['Y14 empty tools', rule('{ tools: [] }'), /an empty list says nothing/],
  ['Y14 a rule that names nothing', rule('{ name: x, scopes: [a] }'), /a rule must name something/],
  ['Y20 none', issuer('algorithms: [none]'), /expected one of RS256/, 'none'],
  ['Y20 HS256', issuer('algorithms: [HS256]'), /expected one of RS256/, 'HS256'],
  ['Y20 empty', issuer('algorithms: []'), /an empty list says nothing/],
  ['Y23 leeway over 60s (J30)', issuer('leeway: 61s'), /expected a duration from 0s to 60s/, '61s'],
  ['Y23 leeway without a unit', issuer('leeway: 5'), /expected a duration.*found a number/, '5'],
  ['Y23 leeway as bare text', issuer('leeway: "5"'), /expected a duration/, '"5"'],
  ['Y23 negative', issuer('leeway: -5s'), /expected a duration/, '-5s'],
  ['Y23 timeout 0', file({ upstream: '{ url: http://127.0.0.1:1/, timeout: 0s }' }), /from 10ms to 1h/, '0s'],
  ['Y23 body 0', route('limits: { body: 0B }'), /expected a size from 1KiB/, '0B'],
  ['Y23 body huge', route('limits: { body: 999GiB }'), /to 64MiB/, '999GiB'],
  ['Y23 MB is no unit', route('limits: { body: 4MB }'), /expected a size/, '4MB'],
  ['Y23 streams 0', route('limits: { streams_per_subject: 0 }'), /expected at least 1/, '0'],
  ['Y23 streams 1e12', route('limits: { streams_per_subject: 1e12 }'), /expected at most 10000/, '1e12'],
  ['Y23 rate 0/min', route('limits: { rate: { per_subject: 0/min } }'), /expected a rate such as/, '0/min'],
  ['Y23 rate without unit', route('limits: { rate: { per_tool: { a: 5 } } }'), /expected a rate/, '5'],
  ['Y24 bad CIDR', top('trusted_proxies: [10.0.0.0/33]'), /expected an address or a range/, '10.0.0.0/33'],
  ['Y24 IPv4 in IPv6', top('trusted_proxies: ["::ffff:10.0.0.1"]'), /write IPv4 addresses in their own form/],
  ['Y24 a host name', top('trusted_proxies: [proxy.internal]'), /expected an address or a range/],
  ['H50 file:', file({ upstream: 'file:///etc/passwd' }), /expected an http\(s\) URL/, 'file:///etc/passwd'],
  ['H50 gopher:', file({ upstream: 'gopher://x/' }), /expected an http\(s\) URL/],
  ['H50 user name', file({ upstream: 'http://a:b@127.0.0.1/' }), /user name/],
  ['H49 link-local', file({ upstream: 'http://169.254.169.254/' }), /not a link-local address/],
  ['H49 link-local as a number', file({ upstream: 'http://2852039166/' }), /not a link-local address/],
  ['a query in upstream', file({ upstream: 'http://127.0.0.1/?a=b' }), /without query/],
  [
    'public_url with a path',
    file({ publicUrl: 'https://a.example/mcp' }),
    /no path/,
    'https://a.example/mcp',
  ],
  ['public_url with a slash', file({ publicUrl: 'https://a.example/' }), /no trailing slash/],
  ['public_url upper case', file({ publicUrl: 'https://A.example' }), /lower case/],
  ['public_url default port', file({ publicUrl: 'https://a.example:443' }), /no default port/],
  ['public_url with a tab', file({ publicUrl: '"https://a.ex\\tample"' }), /expected an origin/],
  ['J17 issuer with a query', file({ issuers: 'x: { issuer: "https://a.example?b" }' }), /without query/],
  ['issuer without scheme', file({ issuers: 'x: { issuer: a.example }' }), /as its metadata has it/],
  ['missing issuer', file({ issuers: 'x: { typ: any }' }), /missing key "issuer"/, 'x'],
  [
    'missing client_id',
    issuer('validation: introspection\nintrospection: { client_secret: "${SECRET}" }'),
    /missing key "client_id"/,
  ],
  ['a near word', issuer('validation: instrospection'), /did you mean "introspection"\?/, 'instrospection'],
  ['cache too long', introspection('cache: { ttl: 6m }'), /from 1s to 5m/, '6m'],
  ['short session key', top('session_key: "${SECRET}"'), /at least 32 bytes/],
  ['session key as number', top('session_key: 5'), /expected text/, '5'],
  ['listen without port', top('listen: 127.0.0.1'), /expected host:port/],
  ['listen port 65536', top('listen: 127.0.0.1:65536'), /expected host:port/],
  ['listen 1.2.3', top('listen: 1.2.3:80'), /expected host:port/],
  ['host as URL', top('allowed_hosts: [https://a.example]'), /expected a host/],
  ['origin with a path', top('allowed_origins: [https://a.example/]'), /expected an origin/],
  ['ORG-01 origin of a shell with a path', top('allowed_origins: ["app://x/"]'), /expected an origin/],
  ['ORG-01 origin null', top('allowed_origins: ["null"]'), /expected an origin/],
  ['ORG-01 origin of a file', top('allowed_origins: ["file://x"]'), /expected an origin/],
  ['origin *', top('allowed_origins: ["*"]'), /no wildcard/],
  ['path without slash', file({ path: 'notes' }), /expected a path such as/],
  ['path with a slash at the end', file({ path: '/notes/' }), /no trailing slash/],
  ['H34 path with %', file({ path: '/no%74es' }), /no %/],
  ['H34 path with dots', file({ path: '/a/../b' }), /dot segments/],
  ['path with two slashes', file({ path: '/a//b' }), /no empty/],
  [
    'route name',
    file({ routes: '- { name: "a b", path: /b, upstream: "http://127.0.0.1", issuers: [corp] }' }),
    /expected a name/,
  ],
  ['M52 pattern with dots', rule('{ resources: ["file:///a/../b"] }'), /never matches/],
  ['M52 pattern with %2f', rule('{ resources: ["file:///a%2Fb"] }'), /never matches/],
  ['M52 pattern with %73', rule('{ resources: ["file:///%73ecret/**"] }'), /never matches/],
  ['M52 pattern in capitals', rule('{ resources: ["FILE:///a/**"] }'), /never matches/],
  ['deny with scopes', rule('{ effect: deny, tools: [a], scopes: [b] }'), /a deny rule has no scopes/],
  [
    'deny with require_active',
    rule('{ effect: deny, tools: [a], require_active: true }'),
    /a deny rule has no require_active/,
  ],
  ['a nonce without DPoP', route('dpop: off\ndpop_nonce: true'), /takes no DPoP proofs/, 'true'],
  ['prefix mcp-', route('identity: { prefix: mcp- }'), /covers headers of MCP/, 'mcp-'],
  ['prefix m…', route('identity: { prefix: mcp-user- }'), /covers headers of MCP/],
  ['prefix x-', route('identity: { prefix: x- }'), /covers headers of MCP or HTTP/],
  ['prefix content-', route('identity: { prefix: content- }'), /covers headers/],
  ['prefix without hyphen', route('identity: { prefix: xmcp }'), /ending in a hyphen/],
  [
    'static host',
    route('upstream_auth: { mode: static, header: Host, value: "${SECRET}" }'),
    /written by the gateway/,
  ],
  [
    'static x-mcp-',
    route('upstream_auth: { mode: static, header: X-MCP-Subject, value: "${SECRET}" }'),
    /written by/,
  ],
  [
    'static with a line break',
    route('upstream_auth: { mode: static, header: x-key, value: "a\\nb" }'),
    /expected the value of a header: visible ASCII/,
  ],
  ['static without value', route('upstream_auth: { mode: static, header: x-key }'), /missing key "value"/],
  [
    'none with a header',
    route('upstream_auth: { mode: none, header: x-key }'),
    /"header" does not go together/,
  ],
]

describe('values that are refused', () => {
  for (const [id, text, words, at] of REFUSED) it(id, () => expectError(text, words, at))

  it.each(['public_url', 'issuers', 'routes'])('%s is needed', (key) => {
    const text = file().replace(new RegExp(`^${key}:[^\\n]*\\n(?: .*\\n)*`, 'm'), '')
    expectError(text, new RegExp(`missing key "${key}"`))
  })

  it.each(['name', 'path', 'upstream', 'issuers'])('a route needs %s', (key) => {
    const full = { name: 'b', path: '/b', upstream: 'http://127.0.0.1:1/', issuers: '[corp]' }
    const left = Object.entries(full)
      .filter(([name]) => name !== key)
      .map(([name, value]) => `${name}: ${value}`)
    expectError(file({ routes: `- { ${left.join(', ')} }` }), new RegExp(`missing key "${key}"`))
  })
})
