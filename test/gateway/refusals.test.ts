// What a client hears of its request, its credential and the policy: one row for each reason that an ordinary gateway
// can give before and after it reads the body.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reason } from '../../src/core/refusal.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import {
  expectRefusal,
  oauthBody as oauth,
  type RefusalRow as Row,
  rpcError as rpc,
} from '../support/refusal.ts'

const DENIED =
  'Access denied: no scope opens this, so signing in again does not help. Ask whoever runs this server.'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
afterAll(() => gateway.close())

const check = (reason: Reason, row: Row) => expectRefusal(gateway, reason, row)
const challenge = (parameters: string) => `Bearer ${parameters}`
const metadata = () => `${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`

describe('before the body is read: OAuth JSON', () => {
  const many = () => Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`j${index}`, '1']))
  const rows: readonly (readonly [Reason, string, Row])[] = [
    [
      'headers_too_large',
      'H20',
      {
        send: (to) => to.post('{}', many()),
        status: 431,
        body: oauth('request_header_fields_too_large', 'Too large: more than 100 header fields'),
      },
    ],
    [
      'request_malformed',
      'H31',
      {
        send: (to) => to.post('{}', {}, '/mcp%2fa'),
        status: 400,
        headers: { connection: 'close' },
        body: oauth('invalid_request', 'The request is malformed'),
      },
    ],
    [
      'early_data',
      'H52',
      {
        send: (to) => to.post('{}', { 'early-data': '1' }),
        status: 425,
        body: oauth('too_early', 'Send the request again after the TLS handshake'),
      },
    ],
    [
      'origin_forbidden',
      'R11',
      {
        send: (to) => to.post('{}', { origin: 'https://evil.example' }),
        status: 403,
        headers: { 'cache-control': 'no-store' },
        body: oauth('forbidden', 'This origin is not allowed'),
      },
    ],
    [
      'route_unknown',
      'H34',
      {
        send: (to) => to.post('{}', {}, '/mcp/ab'),
        status: 404,
        body: oauth('not_found', 'Nothing is served at this path'),
      },
    ],
    [
      'method_not_allowed',
      'R14',
      {
        send: (to) =>
          fetch(to.resource, { method: 'PUT', headers: { authorization: `Bearer ${to.token()}` } }),
        status: 405,
        headers: { allow: 'POST, GET, DELETE' },
        body: oauth('method_not_allowed', 'Use POST, GET, DELETE'),
      },
    ],
    [
      'media_type_unsupported',
      'M28',
      {
        send: (to) => to.post('{}', { 'content-type': 'text/plain' }),
        status: 415,
        body: oauth('invalid_request', 'Unsupported media type: send application/json in UTF-8'),
      },
    ],
    [
      'body_too_large',
      'D11',
      {
        send: (to) => to.post('a'.repeat(1024 * 1024 + 1)),
        status: 413,
        headers: { connection: 'close' },
        body: oauth('invalid_request', 'The body is larger than 1048576 bytes'),
      },
    ],
  ]
  test.each(rows)('%s (%s)', (reason, _id, row) => check(reason, row))
})

describe('of the credential: a challenge and OAuth JSON', () => {
  test('token_missing (R1, CHL-05)', () =>
    check('token_missing', {
      send: (to) => fetch(to.resource, { method: 'POST', body: '{}' }),
      status: 401,
      headers: {
        'www-authenticate': challenge(`resource_metadata="${metadata()}", scope="a"`),
        'cache-control': 'no-store',
      },
      body: oauth('unauthorized', 'Authentication required'),
    }))

  test('token_rejected (R2, CHL-06)', () =>
    check('token_rejected', {
      send: (to) => to.post('{}', { authorization: 'Bearer nonsense' }),
      status: 401,
      headers: {
        'www-authenticate': challenge(
          `error="invalid_token", scope="a", resource_metadata="${metadata()}", ` +
            'error_description="The access token is invalid"',
        ),
        'cache-control': 'no-store',
      },
      body: oauth('invalid_token', 'The access token is invalid'),
    }))
})

describe('of the policy', () => {
  test('scope_missing (R3, CHL-09, CHL-11)', () =>
    check('scope_missing', {
      send: (to) => to.post(toolCall('danger', 7)),
      status: 403,
      headers: {
        'www-authenticate': challenge(
          `error="insufficient_scope", scope="a admin", resource_metadata="${metadata()}", ` +
            'error_description="admin is required"',
        ),
        'cache-control': 'no-store',
      },
      body: rpc(
        403,
        'Insufficient scope: admin is required. Your client may ask you for it now; else sign in again and allow it there. If it is not offered, ask whoever runs this server to grant it.',
        { data: { error: 'insufficient_scope', scope: 'a admin' } },
        7,
      ),
    }))

  test.each(['forbidden', 'never_heard_of'])('call_forbidden (R16): tool %s', (tool) =>
    check('call_forbidden', {
      send: (to) => to.post(toolCall(tool, 'x')),
      status: 403,
      headers: { 'www-authenticate': null, 'cache-control': 'no-store' },
      body: rpc(403, DENIED, { data: { error: 'access_denied' } }, 'x'),
    }),
  )

  test('R16: a batch with one denied call is denied whole, without an id', () =>
    check('call_forbidden', {
      send: (to) => to.post([toolCall('safe', 1), toolCall('forbidden', 2), toolCall('danger', 3)]),
      status: 403,
      body: rpc(403, DENIED, { data: { error: 'access_denied' } }, null),
    }))
})

test('R15: what is accepted and needs no answer is 202 without a body', async () => {
  const response = await gateway.post({ jsonrpc: '2.0', method: 'notifications/initialized' })
  expect(response.status).toBe(202)
  expect(await response.text()).toBe('')
})
