// Headers → Credential: J40, J48, J70 to J72, and the DPoP header (RFC 9449 §4.3 check 1).
import { expect, test } from 'vitest'
import type { Result } from '../../src/core/refusal.ts'
import { readCredential } from '../../src/token/credential.ts'
import { introspectionSettings, openScene, outcome } from './scene.ts'

const URL_SEEN = 'https://gw.example/mcp/a'
const read = (...headers: string[]) => readCredential(headers, 'POST', URL_SEEN, 8_192, undefined)
const told = (result: Result<unknown>) =>
  !result.ok && result.refusal.reason === 'dpop_rejected' ? result.refusal.error : outcome(result)

const CASES: readonly (readonly [id: string, headers: readonly string[], expected: string])[] = [
  ['no credential at all', [], 'token_missing'],
  [
    'J70 in a query, a cookie and other headers',
    ['Cookie', 'access_token=t', 'X-Access-Token', 't'],
    'token_missing',
  ],
  ['J70 in a websocket protocol', ['Sec-WebSocket-Protocol', 'bearer, t'], 'token_missing'],
  ['J71 two lines', ['Authorization', 'Bearer a', 'authorization', 'Bearer b'], 'token_malformed'],
  ['J71 two equal lines', ['Authorization', 'Bearer a', 'Authorization', 'Bearer a'], 'token_malformed'],
  ['J72 lower case', ['Authorization', 'bearer t'], 'ok'],
  ['J72 upper case', ['AUTHORIZATION', 'BEARER t'], 'ok'],
  ['J72 the scheme alone', ['Authorization', 'Bearer'], 'token_missing'],
  ['J72 an empty token', ['Authorization', 'Bearer   '], 'token_missing'],
  ['J72 an empty header', ['Authorization', ''], 'token_missing'],
  ['J72 several spaces', ['Authorization', 'Bearer   t'], 'ok'],
  ['J72 a tab', ['Authorization', 'Bearer\tt'], 'token_missing'],
  ['J72 BearerX', ['Authorization', 'BearerX t'], 'token_missing'],
  ['J72 Basic', ['Authorization', 'Basic dDp0'], 'token_missing'],
  ['J72 Token', ['Authorization', 'Token t'], 'token_missing'],
  ['J72 DPoP', ['Authorization', 'DPoP t', 'DPoP', 'p'], 'ok'],
  ['J48 8 KB', ['Authorization', `Bearer ${'a'.repeat(8192)}`], 'ok'],
  ['J48 8 KB and one', ['Authorization', `Bearer ${'a'.repeat(8193)}`], 'headers_too_large'],
  ['J48 1 MB', ['Authorization', `Bearer ${'a'.repeat(1 << 20)}`], 'headers_too_large'],
  ['J65 two DPoP headers', ['Authorization', 'DPoP t', 'DPoP', 'p', 'dpop', 'p'], 'invalid_dpop_proof'],
  ['J65 a DPoP header of 9 KB', ['Authorization', 'DPoP t', 'DPoP', 'p'.repeat(9000)], 'invalid_dpop_proof'],
]

test.each(CASES)('%s', (_id, headers, expected) => {
  expect(told(read(...headers))).toBe(expected)
})

test('a credential names the request it came with', () => {
  expect(read('Authorization', 'dPoP  abc.def~+/-_=', 'dpop', 'proof')).toEqual({
    ok: true,
    value: {
      scheme: 'dpop',
      token: 'abc.def~+/-_=',
      proof: 'proof',
      method: 'POST',
      url: URL_SEEN,
      address: undefined,
      userAgent: expect.any(Function),
    },
  })
})

test.each([
  ['J71 a list on one line', 'a, Bearer b'],
  ['J40 JSON serialisation', '{"payload":"e30","signature":""}'],
  ['J40 a space inside', 'a b'],
  ['J40 padding inside', 'a=b'],
  ['J40 non-ASCII', 't\u00e9'],
])('%s is no token, whoever would be asked about it', async (_id, token) => {
  const shown = read('Authorization', `Bearer ${token}`)
  expect(shown).toMatchObject({ ok: true, value: { token } })
  for (const validation of ['jwt', 'introspection', 'jwt_else_introspection'] as const) {
    const settings = { validation, introspection: introspectionSettings() }
    const scene = await openScene(validation === 'jwt' ? {} : { settings })
    expect(outcome(await scene.verify(token))).toBe('shape')
    expect(scene.as.asked.length).toBe(0)
  }
})
