// `verifier:` in the file: each shape loads with its defaults, and what is wrong is told with its place.
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { expectError, file, settingsOf } from './support.ts'

const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`
const key = (over = '') =>
  `{ name: ci, hash: "${HASH}", subject: bot, scopes: [a], expires: 2027-01-01T00:00:00Z${over} }`
const keys = (...list: string[]) => `corp: { verifier: static_keys, keys: [${list.join(', ')}] }`

/** The issuer of the file replaced by this line. */
function withIssuer(line: string, rules: readonly string[] = ['{ tools: [a] }'], route = ''): string {
  const text = file({ rules, route })
  return text.replace(/ {2}corp:\n {4}issuer: .*\n/, `  ${line}\n`)
}

describe('shapes', () => {
  it('jwt is the default and may be said', () => {
    expect(settingsOf(file({ issuer: 'verifier: jwt' })).issuers.get('corp')?.verdictSource).toBeUndefined()
  })

  it('wacht', () => {
    const issuer = settingsOf(withIssuer('corp: { verifier: wacht, issuer: https://a.example }')).issuers.get(
      'corp',
    )
    expect(issuer).toMatchObject({
      issuer: 'https://a.example',
      validation: 'introspection',
      leewaySeconds: 5,
    })
    expect(issuer?.verdictSource).toEqual({
      ...{ kind: 'wacht', gatewayUrl: 'https://gateway.wacht.dev', principal: 'oauth_access_token' },
      ...{ app: undefined, machineTokens: false, timeoutMs: 3000 },
      ...{ ttlSeconds: 30, negativeTtlSeconds: 5, maxEntries: 10_000 },
    })
  })

  it('http', () => {
    const line =
      'corp: { verifier: http, issuer: https://a.example, endpoint: http://127.0.0.1:4000/check, token: "${SECRET}" }'
    const issuer = settingsOf(withIssuer(line)).issuers.get('corp')
    expect(issuer?.verdictSource).toMatchObject({
      kind: 'http',
      endpoint: 'http://127.0.0.1:4000/check',
      audience: 'required',
    })
    expect(issuer?.verdictSource?.kind === 'http' && issuer.verdictSource.token?.reveal()).toBe('from-env')
  })

  it('static_keys, whose issuer is no URL that anybody could be sent to', () => {
    const issuer = settingsOf(withIssuer(keys(key()))).issuers.get('corp')
    expect(issuer?.issuer).toBe('urn:portcullis:static-keys:corp')
    expect(issuer?.verdictSource).toMatchObject({
      kind: 'static_keys',
      keys: [{ name: 'ci', expiresAt: 1_798_761_600 }],
    })
  })
})

describe('custom, whose function a program brings', () => {
  const text = withIssuer('corp: { verifier: custom, issuer: https://a.example }')

  it('loads for a program', () => {
    const loaded = parseConfig(text, { file: 'gateway.yaml', env: {}, customVerifiers: true })
    expect(loaded.ok && loaded.settings.issuers.get('corp')).toMatchObject({
      ...{ issuer: 'https://a.example', validation: 'introspection' },
      verdictSource: { kind: 'custom', timeoutMs: 3000, ttlSeconds: 30, negativeTtlSeconds: 5 },
    })
  })

  it('does not load for the command', () => {
    expectError(text, /custom is for a program/)
  })
})

describe('what is wrong', () => {
  const rows: readonly (readonly [string, string, RegExp, string?])[] = [
    [
      'an unknown verifier',
      'corp: { verifier: watch, issuer: https://a.example }',
      /one of jwt, wacht, http/,
      'watch',
    ],
    [
      'an unknown key',
      'corp: { verifier: wacht, issuer: https://a.example, ap: x }',
      /unknown key "ap"/,
      'ap',
    ],
    [
      'a key of another verifier',
      'corp: { verifier: wacht, issuer: https://a.example, validation: jwt }',
      /go together/,
    ],
    ['no endpoint', 'corp: { verifier: http, issuer: https://a.example }', /missing key "endpoint"/],
    [
      'plain http to another machine',
      'corp: { verifier: http, issuer: https://a.example, endpoint: http://10.0.0.1/check }',
      /plain http is only for a verifier on this machine/,
      'http://10.0.0.1/check',
    ],
    [
      'a plain http gateway',
      'corp: { verifier: wacht, issuer: https://a.example, gateway_url: http://gw.example }',
      /plain http is only for a verifier on this machine/,
      'http://gw.example',
    ],
    [
      'API keys of no app',
      'corp: { verifier: wacht, issuer: https://a.example, principal: api_key }',
      /api_key needs app/,
      'api_key',
    ],
    ['a key in the clear', keys(key().replace(HASH, 'hunter2')), /expected sha256:/],
    [
      'a key without an end',
      keys(key().replace(', expires: 2027-01-01T00:00:00Z', '')),
      /missing key "expires"/,
    ],
    ['an end that is no instant', keys(key().replace('01-01T', '13-01T')), /expected an instant/],
    ['the same key twice', keys(key(), key()), /the same key stands above/],
    ['no keys', 'corp: { verifier: static_keys, keys: [] }', /empty list/],
  ]
  it.each(rows.map(([name, line, words, at]) => ({ name, line, words, at })))(
    '$name',
    ({ line, words, at }) => {
      expectError(withIssuer(line), words, at)
    },
  )

  it.each(['a(b', 'a,b', 'AND', 'OR', 'true'])('C3, T-48: the scope %s where Wacht is asked', (scope) => {
    const line = 'corp: { verifier: wacht, issuer: https://a.example }'
    expectError(withIssuer(line, [`{ tools: [a], scopes: ["${scope}"] }`]), /as an expression/)
    expectError(withIssuer(line, undefined, `scopes: ["${scope}"]`), /as an expression/)
  })

  it('I15: only one issuer of a route may take opaque tokens', () => {
    const two = file({ issuers: keys(key()).replace('corp', 'bots'), trusts: '[corp, bots]' })
    expect(settingsOf(two).routes[0]?.issuers).toEqual(['corp', 'bots'])
    const three = file({
      issuers: `${keys(key()).replace('corp', 'bots')}\nacme: { verifier: wacht, issuer: https://a.example }`,
      trusts: '[bots, acme]',
    })
    expectError(three, /takes opaque tokens on this route already/, 'acme')
  })
})
