// `browser` of a route: what is read, and where it cannot be.
import { describe, expect, it } from 'vitest'
import { expectError, file, settingsOf } from './support.ts'

const route = (browser: string, more = '') =>
  file({
    issuers: 'builtin: { embedded: true }',
    trusts: '[builtin]',
    route: `browser: ${browser}${more === '' ? '' : `\n${more}`}`,
  })

describe('browser', () => {
  it('is off unless it is written', () => {
    expect(settingsOf(file()).routes[0]?.browser).toBeUndefined()
  })

  it('names the embedded issuer and exact origins', () => {
    const text = route('{ issuer: builtin, allowed_origins: ["https://app.example.com"] }')
    const expected = { issuer: 'builtin', allowedOrigins: ['https://app.example.com'] }
    expect(settingsOf(text).routes[0]?.browser).toEqual(expected)
    expect(settingsOf(route('{ issuer: builtin }')).routes[0]?.browser?.allowedOrigins).toEqual([])
  })

  it.each([
    [
      'an issuer that the route does not trust',
      route('{ issuer: corp }'),
      /the route trusts no issuer named "corp"/,
    ],
    [
      'an outside issuer',
      file({ route: 'browser: { issuer: corp }' }),
      /people sign in with the embedded authorization server/,
    ],
    [
      'a key that a browser cannot prove',
      route('{ issuer: builtin }', 'dpop: require'),
      /cannot prove a key/,
    ],
    [
      'a path behind an origin',
      route('{ issuer: builtin, allowed_origins: ["https://a.example/x"] }'),
      /expected/,
    ],
  ] as const)('%s is refused', (_name, text, words) => expectError(text, words))
})
