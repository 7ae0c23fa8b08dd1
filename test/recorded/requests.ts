// The requests whose answers are recorded: what strangers, clients and people ask, right and wrong. Made by loops over
// what varies, so that their number is large and their list short. `{a}` and the like stand for tokens.

export interface RecordedRequest {
  /** Which gateway is asked: the one with an issuer of its own network, or the one with the embedded server. */
  readonly at: 'gateway' | 'embedded'
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const LEGACY = { ...JSON_TYPE, 'mcp-protocol-version': '2025-11-25' }

export const TOKENS = ['a', 'admin', 'none', 'expired', 'audience', 'issuer', 'forged', 'unsigned'] as const

const plain = (method: string, path: string, headers = {}, body = ''): RecordedRequest => ({
  ...{ at: 'gateway', method, path, headers, body },
})
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const post = (body: unknown, headers: object = bearer('{a}')): RecordedRequest =>
  plain('POST', '/mcp/a', { ...LEGACY, ...headers }, typeof body === 'string' ? body : JSON.stringify(body))
const message = (method: string, params?: object, id: unknown = 1) => ({ jsonrpc: '2.0', id, method, params })
const call = (name: unknown, more: object = {}) => message('tools/call', { name, arguments: {}, ...more })

const PATHS = [
  ...[
    '/',
    '/mcp/a',
    '/mcp/a/',
    '/mcp/a?x=1',
    '/mcp/b',
    '/mcp',
    '/mcp/%61',
    '/../mcp/a',
    '//mcp/a',
    '/nothing',
  ],
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp/a',
  '/.well-known/oauth-protected-resource/mcp/b',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
]

function discovery(): RecordedRequest[] {
  const asked = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'].flatMap((method) =>
    PATHS.map((path) => plain(method, path)),
  )
  const origins = ['http://localhost:6274', 'https://evil.example', 'null', '']
  return [...asked, ...PATHS.flatMap((path) => origins.map((origin) => plain('GET', path, { origin })))]
}

function credentials(): RecordedRequest[] {
  const schemes = ['Bearer', 'bearer', 'BEARER', 'Basic', 'DPoP', 'Bearer Bearer', '']
  const written = [
    ...schemes.map((scheme) => `${scheme} {a}`.trim()),
    'Bearer',
    'Bearer ',
    'Bearer a b',
    '{a}',
  ]
  const asked = [message('tools/list'), call('safe'), call('danger'), message('ping')]
  return asked.flatMap((body) => [
    ...TOKENS.map((name) => post(body, bearer(`{${name}}`))),
    ...written.map((authorization) => post(body, { authorization })),
    post(body, {}),
  ])
}

const METHODS = [
  ...['initialize', 'ping', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'],
  ...[
    'logging/setLevel',
    'completion/complete',
    'server/discover',
    'tasks/list',
    'tasks/get',
    'tasks/cancel',
  ],
  ...['notifications/initialized', 'notifications/cancelled', 'rpc.discover', 'no/such', 'Tools/call', ''],
]

function messages(): RecordedRequest[] {
  const targets = [
    ...['safe', 'danger', 'forbidden', 'unknown', '', 'Safe', 'safe ', 'x'.repeat(300), 7, null].map((name) =>
      call(name),
    ),
    ...['open', 'closed', ''].map((name) => message('prompts/get', { name })),
    ...['file:///pub/a', 'file:///etc/passwd', 'file:///pub/../etc', 'file:///pub/%2e%2e/x', 'x', ''].map(
      (uri) => message('resources/read', { uri }),
    ),
    message('resources/subscribe', { uri: 'file:///pub/a' }),
    message('tools/call'),
    message('tools/call', []),
  ]
  const all = [...METHODS.map((method) => message(method, {})), ...targets]
  return ['{a}', '{admin}', '{none}'].flatMap((token) => all.map((body) => post(body, bearer(token))))
}

const BROKEN = [
  ...[
    '',
    ' ',
    '{',
    '[]',
    '[1]',
    'null',
    '1',
    '"x"',
    '{}',
    '{"jsonrpc":"2.0"}',
    '\u{feff}{}',
    '{"a":1}x',
    '[[]]',
  ],
  ...[
    '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":1}',
    '{"id":1,"method":"ping"}',
  ],
  ...['null', '1.5', 'true', '{}', '[]', '-0', '1e3', '"\\ud800"', '9007199254740993'].map(
    (id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`,
  ),
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","name":"danger"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","Name":"danger"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/c\\u0061ll","params":{"n\\u0061me":"danger"}}',
  `[${JSON.stringify(call('safe'))},${JSON.stringify(call('danger'))}]`,
  `[${JSON.stringify(message('ping'))}]`,
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}',
  `${'['.repeat(200)}${']'.repeat(200)}`,
]

function bodies(): RecordedRequest[] {
  const types = ['text/plain', 'application/json; charset=utf-8', 'application/json;charset=latin1', '']
  const accepts = ['application/json', 'text/event-stream', '*/*', 'text/html', '']
  const versions = ['2024-11-05', '2025-03-26', '2025-06-18', '2026-07-28', '2099-01-01', 'x']
  const usual = call('safe')
  return [
    ...BROKEN.map((body) => post(body)),
    ...types.map((type) => post(usual, { ...bearer('{a}'), 'content-type': type })),
    ...accepts.map((accept) => post(usual, { ...bearer('{a}'), accept })),
    ...versions.map((version) => post(usual, { ...bearer('{a}'), 'mcp-protocol-version': version })),
    ...['host', 'x-mcp-subject', 'content-encoding', 'mcp-session-id', 'last-event-id', 'te', 'expect'].map(
      (name) => post(usual, { ...bearer('{a}'), [name]: name === 'content-encoding' ? 'gzip' : 'x.example' }),
    ),
    ...['GET', 'DELETE'].map((method) => plain(method, '/mcp/a', { ...LEGACY, ...bearer('{a}') })),
  ]
}

function embedded(): RecordedRequest[] {
  const ask = (method: string, path: string, headers = {}, body = ''): RecordedRequest => ({
    ...{ at: 'embedded', method, path, headers, body },
  })
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
  const query = (fields: Record<string, string>) => `/authorize?${form(fields)}`
  const wanted = {
    response_type: 'code',
    client_id: 'nobody',
    redirect_uri: 'http://127.0.0.1/cb',
    state: 's',
  }
  const grants = ['authorization_code', 'refresh_token', 'client_credentials', 'password', 'x', '']
  const registrations = [
    ...[
      {},
      [],
      null,
      { redirect_uris: [] },
      { redirect_uris: ['javascript:alert(1)'] },
      { redirect_uris: 'x' },
    ],
    { redirect_uris: ['http://evil.example/cb'] },
    { redirect_uris: ['https://app.example/cb'], grant_types: ['implicit'] },
    { redirect_uris: ['https://app.example/cb#x'], client_name: 'n' },
  ]
  const pages = [
    '/authorize',
    '/token',
    '/register',
    '/revoke',
    '/introspect',
    '/device',
    '/account',
    '/jwks',
    '/login',
  ]
  return [
    ...[...PATHS, ...pages].flatMap((path) => ['GET', 'POST', 'OPTIONS'].map((method) => ask(method, path))),
    ...grants.map((grant) =>
      ask('POST', '/token', FORM_TYPE, form({ grant_type: grant, code: 'c', client_id: 'x' })),
    ),
    ...registrations.map((body) => ask('POST', '/register', JSON_TYPE, JSON.stringify(body))),
    ask('GET', query(wanted)),
    ...Object.keys(wanted).map((name) => ask('GET', query({ ...wanted, [name]: '' }))),
    ask('GET', query({ ...wanted, client_id: 'https://client.example/metadata.json' })),
    ask('POST', '/mcp/a', JSON_TYPE, JSON.stringify(call('safe'))),
    ask('POST', '/mcp/a', { ...JSON_TYPE, ...bearer('x.y.z') }, JSON.stringify(call('safe'))),
  ]
}

export const REQUESTS: readonly RecordedRequest[] = [
  ...discovery(),
  ...credentials(),
  ...messages(),
  ...bodies(),
  ...embedded(),
]
