// The authorization endpoint of the development issuer: approved in the first answer, or refused there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Form, type Issuer, loginQuery, openIssuer, REDIRECT } from './support.ts'

let issuer: Issuer
let clientId: string
beforeAll(async () => {
  issuer = await openIssuer()
  clientId = String((await issuer.register()).body['client_id'])
})
afterAll(() => issuer.close())

async function redirected(changes: Form): Promise<Record<string, string>> {
  const response = await issuer.authorize(loginQuery(clientId, changes))
  expect(response.status).toBe(303)
  const location = new URL(response.headers.get('location') ?? '')
  expect(`${location.origin}${location.pathname}`).toBe(changes['redirect_uri'] ?? REDIRECT)
  return Object.fromEntries(location.searchParams)
}

describe('authorize', () => {
  test('RFC 9207, A54: a code, the state and iss, without a page and without a referrer', async () => {
    expect(await redirected({})).toEqual({
      code: expect.stringMatching(/^[\w-]{43}$/),
      state: 's',
      iss: issuer.origin,
    })
    const { headers } = await issuer.authorize(loginQuery(clientId))
    expect([headers.get('referrer-policy'), headers.get('cache-control')]).toEqual([
      'no-referrer',
      'no-store',
    ])
    expect(headers.getSetCookie()).toEqual([])
  })

  test('A02: the port of a loopback redirect varies', async () => {
    expect(await redirected({ redirect_uri: 'http://127.0.0.1:6000/cb' })).toHaveProperty('code')
  })

  test('AS-08: an empty scope is allowed', async () => {
    expect(await redirected({ scope: '' })).toHaveProperty('code')
  })

  test.each<[string, Form, string]>([
    ['A07: no challenge', { code_challenge: '' }, 'invalid_request'],
    ['A08: plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['A08: no method', { code_challenge_method: '' }, 'invalid_request'],
    ['A08: S256 with a space', { code_challenge_method: 'S256 ' }, 'invalid_request'],
    ['A08: a short challenge', { code_challenge: 'abc' }, 'invalid_request'],
    ['AS-05: no resource', { resource: '' }, 'invalid_target'],
    ['AS-05: a resource with a fragment', { resource: 'http://a/#b' }, 'invalid_target'],
    ['AS-05: a relative resource', { resource: '/mcp' }, 'invalid_target'],
  ])('%s goes back to the client, with iss', async (_, changes, error) => {
    expect(await redirected(changes)).toEqual({
      error,
      error_description: expect.any(String),
      state: 's',
      iss: issuer.origin,
    })
  })

  test.each<[string, Form]>([
    ['A05: an unknown client', { client_id: 'nobody' }],
    ['A04: no redirect_uri', { redirect_uri: '' }],
    ['A05: another redirect_uri', { redirect_uri: 'https://evil.example/cb' }],
    ['A01: a longer path', { redirect_uri: `${REDIRECT}/` }],
    ['A01: a query', { redirect_uri: `${REDIRECT}?x=1` }],
    ['A02: another loopback host', { redirect_uri: 'http://localhost:5000/cb' }],
    ['A01: user info', { redirect_uri: 'http://x@127.0.0.1:5000/cb' }],
  ])('%s is told here and never redirected', async (_, changes) => {
    const response = await issuer.authorize(loginQuery(clientId, changes))
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
  })

  test('A04: a repeated parameter', async () => {
    const query = new URLSearchParams(loginQuery(clientId))
    query.append('scope', 'more')
    const told = await issuer.authorize(query)
    expect(told.headers.get('location')).toContain('error=invalid_request')
    query.append('redirect_uri', REDIRECT)
    expect((await issuer.authorize(query)).status).toBe(400)
  })

  test('RFC 8707: two resources are one too many', async () => {
    const query = new URLSearchParams(loginQuery(clientId))
    query.append('resource', 'http://127.0.0.1:8080/other')
    expect((await issuer.authorize(query)).headers.get('location')).toContain('error=invalid_target')
  })
})
