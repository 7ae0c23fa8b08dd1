// `authorization_server` and `embedded: true`: what is read, what has to agree, and where the complaint points.
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectError, expectWarning, file, load, problemsOf, settingsOf } from './support.ts'

const builtin = (server = '', path = '/notes') =>
  file({
    issuers: 'builtin: { embedded: true }',
    trusts: '[builtin]',
    path,
    route: 'scopes: [notes:read]',
    ...(server === '' ? {} : { top: `authorization_server:\n  ${server}` }),
  })

const atAddress = (server: string) =>
  file({
    publicUrl: 'https://192.0.2.1',
    issuers: 'builtin: { embedded: true }',
    trusts: '[builtin]',
    top: `authorization_server:\n  ${server}`,
  })

const provider = (rest: string) =>
  builtin(`sign_in: { providers: { google: { client_id: a, client_secret: "\${SECRET}", ${rest} } } }`)

const twoProviders = (who: string) =>
  builtin(`sign_in:
    providers:
      okta: { issuer: "https://a.example", client_id: a, client_secret: "\${SECRET}", allow: { groups: [staff] } }
      github: { issuer: "https://b.example", client_id: a, client_secret: "\${SECRET}", allow: { groups: [staff] } }
  grants: [{ ${who}, scopes: [notes:read] }]`)

describe('embedded: true', () => {
  it('H2: needs no other key: every default is there', () => {
    const settings = settingsOf(builtin())
    expect(settings.issuers.get('builtin')).toMatchObject({
      issuer: 'https://mcp.example.com',
      embedded: true,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    })
    expect(settings.authorizationServer).toMatchObject({
      data: resolve('.portcullis/as.sqlite'),
      cookieSecret: undefined,
      accessTokenTtlSeconds: 3_600,
      codeTtlSeconds: 60,
      refreshTokenTtlSeconds: 14 * 86_400,
      refreshTokenGraceSeconds: 10,
      grants: undefined,
      registration: {
        dynamic: true,
        maxClients: 1_000,
        unusedTtlSeconds: 30 * 86_400,
        clientIdMetadata: { enabled: true, allowPrivateHosts: [] },
      },
    })
    expect(settings.authorizationServer?.signIn.passwords).toBe(true)
  })

  it('passkeys are the only way, beside the password, or neither', () => {
    const read = (signIn: string) => settingsOf(builtin(`sign_in: { ${signIn} }`)).authorizationServer?.signIn
    expect(read('passwords: false, passkeys: true')).toMatchObject({ passwords: false, passkeys: true })
    expect(read('passwords: true')).toMatchObject({ passwords: true, passkeys: undefined })
    expect(read('passkeys: false')).toMatchObject({ passwords: true, passkeys: false })
  })

  it('passkeys that no browser would make are told, where the file asks for them', () => {
    expectWarning(atAddress('sign_in: { passkeys: true }'), /192\.0\.2\.1.*give it a name, or remove this/)
    const said = problemsOf(load(atAddress('sign_in: {}'))).map(({ message }) => message)
    expect(said.join()).not.toContain('passkey')
  })

  it('lifetimes and resources of other origins', () => {
    const settings = settingsOf(
      builtin(`
  code_ttl: 2m
  client_secret_ttl: 90d
  resources: [{ resource: "https://other.example/mcp", scopes: [x:write], baseline: [x:read] }]
  scopes: { x:write: Write things elsewhere }`),
    )
    expect(settings.authorizationServer).toMatchObject({
      ...{ codeTtlSeconds: 120, clientSecretTtlSeconds: 90 * 86_400 },
      resources: [
        { resource: 'https://other.example/mcp', baseline: ['x:read'], scopes: ['x:read', 'x:write'] },
      ],
    })
  })

  it('without it there is no authorization server', () => {
    expect(settingsOf(file()).authorizationServer).toBeUndefined()
  })

  it('a provider gets its name, its label and what OpenID Connect asks for', () => {
    const settings = settingsOf(provider('issuer: "https://a.example", allow: { domains: [example.com] }'))
    expect(settings.authorizationServer?.signIn.providers.get('google')).toMatchObject({
      name: 'google',
      label: 'google',
      scopes: ['openid', 'email', 'profile'],
      claims: { subject: 'sub' },
    })
  })
})

describe('trust_email', () => {
  const trusting = (issuer: string) =>
    provider(`${issuer}, trust_email: true, allow: { domains: [example.com] }`)
  it('is for the issuer of one tenant', () => {
    const tenant = 'issuer: "https://login.microsoftonline.com/7a5c0000-0000-0000-0000-000000000000/v2.0"'
    const settings = settingsOf(trusting(tenant))
    expect(settings.authorizationServer?.signIn.providers.get('google')?.trustEmail).toBe(true)
  })

  it.each([
    ['common', 'issuer: "https://login.microsoftonline.com/common/v2.0"'],
    ['organizations', 'issuer: "https://login.microsoftonline.com/organizations/v2.0"'],
    ['consumers', 'issuer: "https://login.microsoftonline.us/Consumers/v2.0"'],
    [
      'personal accounts',
      'issuer: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"',
    ],
    ['Google', 'issuer: "https://accounts.google.com"'],
    ['Apple', 'issuer: "https://appleid.apple.com"'],
  ])('A90: does not load for what anybody may join: %s', (_what, issuer) => {
    expectError(trusting(issuer), /anybody may join this issuer/)
  })

  it('A90: does not load for plain OAuth 2.0', () => {
    const endpoints =
      '{ authorization: "https://a.example/a", token: "https://a.example/t", userinfo: "https://a.example/u" }'
    expectError(trusting(`endpoints: ${endpoints}`), /which address it has checked/)
  })
})

const CLAIMED = ['/token', '/authorize', '/authorize/x', '/account', '/register', '/auth/login']

function refusedPath(path: string): readonly [string, string, RegExp, string] {
  return [`the path ${path}`, builtin('', path), /authorization server answers at/, path]
}

function elsewhere(...urls: readonly string[]): string {
  return `resources: [${urls.map((url) => `{ resource: "${url}", scopes: [x:use] }`).join(', ')}]`
}

const REFUSED: readonly (readonly [string, string, RegExp, string?])[] = [
  [
    'AS-02 endpoints on plain http that others can reach',
    file({
      publicUrl: 'http://mcp.example.com',
      issuers: 'builtin: { embedded: true }',
      trusts: '[builtin]',
    }),
    /plain http is only for this machine/,
  ],
  ['two embedded issuers', file({ issuers: 'a: { embedded: true }\nb: { embedded: true }' }), /one embedded/],
  ['a block that nothing uses', file({ top: 'authorization_server: {}' }), /nothing uses this block/],
  ['A50 short cookie secret', builtin('cookie_secret: "${SECRET}"'), /at least 32 bytes/],
  ['a token that lives too long', builtin('access_token_ttl: 25h'), /from 1m to 24h/, '25h'],
  ['A15 a long grace', builtin('refresh_token_grace: 2m'), /from 0s to 60s/, '2m'],
  ['a code that waits too long', builtin('code_ttl: 11m'), /from 10s to 10m/, '11m'],
  ['a secret that ends at once', builtin('client_secret_ttl: 1s'), /from 1h to 3660d/, '1s'],
  ['a resource of our own', builtin(elsewhere('https://mcp.example.com/other')), /make it a route/],
  ['a resource twice', builtin(elsewhere('https://a.example/mcp', 'https://a.example/mcp')), /stands above/],
  [
    'a resource on plain http',
    builtin(elsewhere('http://a.example/mcp')),
    /plain http is only for this machine/,
  ],
  ['nobody can sign in', builtin('sign_in: { passwords: false }'), /nobody can sign in/],
  [
    'nobody can sign in without passkeys either',
    builtin('sign_in: { passwords: false, passkeys: false }'),
    /nobody can sign in: switch passwords or passkeys on/,
  ],
  [
    'passkeys alone, at an IP address',
    atAddress('sign_in: { passwords: false, passkeys: true }'),
    /nobody can sign in/,
  ],
  ['a provider for nobody', provider('issuer: "https://a.example", allow: {}'), /nobody may sign in/],
  ['neither kind of provider', provider('allow: { subjects: [a] }'), /either issuer .* or endpoints/],
  ['plain http', provider('issuer: "http://a.example", allow: { subjects: [a] }'), /use https/],
  ['a scope of no route', builtin('scopes: { notes:raed: x }'), /did you mean "notes:read"/],
  [
    'a grant of no scope',
    builtin('grants: [{ who: { subjects: ["*"] }, scopes: [other] }]'),
    /no route names the scope "other"/,
    'other',
  ],
  [
    'a grant for people of no provider',
    twoProviders('who: { groups: [staff], providers: [okta, githup] }'),
    /no provider "githup"; did you mean "github"/,
    'githup',
  ],
  ['an unknown key', builtin('registration: { dynamc: true }'), /did you mean "dynamic"\?/, 'dynamc'],
  [
    'an unknown key beside embedded',
    file({ issuers: 'a: { embedded: true, typ: any }' }),
    /"typ" does not go/,
  ],
  ...CLAIMED.map((path) => refusedPath(path)),
]

describe('what is refused', () => {
  for (const [id, text, words, at] of REFUSED) it(id, () => expectError(text, words, at))

  it('the same path is free without an embedded server', () => {
    expect(load(file({ path: '/token' })).ok).toBe(true)
  })

  it('a group that more than one provider may name is told', () => {
    expectWarning(twoProviders('who: { groups: [staff] }'), /each of okta, github may say .* providers/)
    expect(problemsOf(load(twoProviders('who: { groups: [staff], providers: [okta] }')))).toEqual([])
    expect(problemsOf(load(twoProviders('who: { domains: [a.example] }')))).toEqual([])
  })

  it('a private host for metadata documents is told at every start', () => {
    const loaded = load(
      builtin('registration: { client_id_metadata: { allow_private_hosts: ["localhost:9"] } }'),
    )
    expect(loaded.ok && loaded.warnings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/fetched from localhost:9 although/),
    )
  })
})
