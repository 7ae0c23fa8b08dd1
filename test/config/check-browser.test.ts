// `browser` of a route: what is read, and where it cannot be.
import { describe, expect, it } from 'vitest'
import { expectError, file, settingsOf } from './support.ts'

const route = (browser: string, more = '') =>
  file({
    issuers: 'builtin: { embedded: true }',
    trusts: '[builtin]',
    route: `browser: ${browser}${more === '' ? '' : `\n${more}`}`,
  })

const SESSION = { session: { idleSeconds: 1_800, absoluteSeconds: 43_200 } }
const elsewhere = (client: string) => file({ route: `browser: { issuer: corp, ${client} }` })

describe('browser', () => {
  it('is off unless it is written', () => {
    expect(settingsOf(file()).routes[0]?.browser).toBeUndefined()
  })

  it('names the embedded issuer and exact origins', () => {
    const text = route('{ issuer: builtin, allowed_origins: ["https://app.example.com"] }')
    const expected = { issuer: 'builtin', allowedOrigins: ['https://app.example.com'], ...SESSION }
    expect(settingsOf(text).routes[0]?.browser).toEqual(expected)
    expect(settingsOf(route('{ issuer: builtin }')).routes[0]?.browser?.allowedOrigins).toEqual([])
  })

  it('names an issuer elsewhere, with the client that the gateway is there', () => {
    const text = elsewhere(
      'client_id: portcullis, client_secret: a secret, scopes: ["api://notes/read"], resource: false',
    )
    const { client } = settingsOf(text).routes[0]?.browser ?? {}
    expect([client?.id, client?.secret?.reveal()]).toEqual(['portcullis', 'a secret'])
    expect([client?.scopes, client?.tellsResource]).toEqual([['api://notes/read'], false])
    const plain = settingsOf(elsewhere('client_id: portcullis')).routes[0]?.browser?.client
    const bare = {
      id: 'portcullis',
      secret: undefined,
      scopes: undefined,
      tellsResource: true,
      parameters: {},
    }
    expect(plain).toEqual(bare)
  })

  it.each([
    [
      'an issuer that the route does not trust',
      route('{ issuer: corp }'),
      /the route trusts no issuer named "corp"/,
    ],
    [
      'an issuer elsewhere without a client',
      file({ route: 'browser: { issuer: corp }' }),
      /"corp" is an issuer elsewhere: client_id says what the gateway is there/,
    ],
    [
      'an issuer elsewhere with a secret and no client',
      elsewhere('client_secret: a secret'),
      /client_id says what the gateway is there/,
    ],
    [
      'an issuer that only judges',
      file({
        issuers: 'own: { verifier: http, issuer: https://a.example, endpoint: https://a.example/judge }',
        trusts: '[own]',
        route: 'browser: { issuer: own, client_id: x }',
      }),
      /people sign in by OpenID Connect, which "own" does not do/,
    ],
    [
      'a client of the embedded issuer',
      route('{ issuer: builtin, client_id: portcullis }'),
      /the embedded issuer knows the gateway/,
    ],
    [
      'a key that a browser cannot prove, elsewhere',
      file({ route: 'browser: { issuer: corp, client_id: x }\ndpop: require' }),
      /cannot prove a key/,
    ],
    [
      'a route where people sign in',
      file({ path: '/auth/login', route: 'browser: { issuer: corp, client_id: portcullis }' }),
      /sign-in with a browser is at \/auth\/login/,
    ],
    [
      'a key that a browser cannot prove',
      route('{ issuer: builtin }', 'dpop: require'),
      /cannot prove a key/,
    ],
    [
      'a session longer than a week',
      route('{ issuer: builtin, session: { absolute_timeout: 8d } }'),
      /expected a duration from 5m to 7d/,
    ],
    [
      'a path behind an origin',
      route('{ issuer: builtin, allowed_origins: ["https://a.example/x"] }'),
      /expected/,
    ],
  ] as const)('%s is refused', (_name, text, words) => expectError(text, words))
})
