// Every refusal and its answer: status, what the client hears, and that nothing of the operator's detail is in it.
import { expect, test } from 'vitest'
import type { Reason, Refusal } from '../../src/core/refusal.ts'
import { type DenialContext, deny, UNREAD_REQUEST } from '../../src/http/deny.ts'

const CONTEXT: DenialContext = {
  resourceMetadata: 'https://gw.example/.well-known/oauth-protected-resource/mcp',
  signInScopes: ['read'],
  dpopAlgorithms: ['ES256'],
  dpopRequired: false,
  bodyCounts: true,
  challenge: 'http',
  errors: 'http',
}
const CANARY = 'operator-only'
const ASKED = { id: '"x\\u0031"', bodyRead: true }

type Row = readonly [refusal: Refusal, status: number, says: string | number]

/** For each reason: an example, its status, and its OAuth word or JSON-RPC code. A new reason needs a row. */
const ROWS: { readonly [R in Reason]: Row } = {
  headers_too_large: [{ reason: 'headers_too_large', detail: 'x' }, 431, 'request_header_fields_too_large'],
  request_malformed: [{ reason: 'request_malformed', detail: CANARY }, 400, 'invalid_request'],
  early_data: [{ reason: 'early_data' }, 425, 'too_early'],
  host_forbidden: [{ reason: 'host_forbidden', host: CANARY }, 403, 'forbidden'],
  origin_forbidden: [{ reason: 'origin_forbidden', origin: CANARY }, 403, 'forbidden'],
  route_unknown: [{ reason: 'route_unknown' }, 404, 'not_found'],
  token_missing: [{ reason: 'token_missing', detail: CANARY }, 401, 'unauthorized'],
  token_malformed: [{ reason: 'token_malformed', detail: CANARY }, 400, 'invalid_request'],
  token_rejected: [{ reason: 'token_rejected', check: 'signature', detail: CANARY }, 401, 'invalid_token'],
  dpop_rejected: [
    { reason: 'dpop_rejected', error: 'use_dpop_nonce', detail: CANARY, nonce: 'n' },
    401,
    'use_dpop_nonce',
  ],
  issuer_unreachable: [
    { reason: 'issuer_unreachable', detail: CANARY, retryAfterSeconds: 5 },
    503,
    'temporarily_unavailable',
  ],
  method_not_allowed: [{ reason: 'method_not_allowed', allow: 'POST' }, 405, 'method_not_allowed'],
  body_too_large: [{ reason: 'body_too_large', limitBytes: 4 }, 413, -32600],
  body_timeout: [{ reason: 'body_timeout' }, 408, -32600],
  media_type_unsupported: [{ reason: 'media_type_unsupported', detail: 'words' }, 415, -32600],
  body_unreadable: [{ reason: 'body_unreadable', detail: 'words' }, 400, -32700],
  message_invalid: [{ reason: 'message_invalid', detail: 'words' }, 400, -32600],
  params_invalid: [{ reason: 'params_invalid', detail: 'words' }, 400, -32602],
  header_mismatch: [{ reason: 'header_mismatch', detail: 'words' }, 400, -32020],
  version_unsupported: [
    { reason: 'version_unsupported', requested: '1900-01-01', supported: ['2026-07-28'] },
    400,
    -32022,
  ],
  capability_missing: [{ reason: 'capability_missing', extension: 'x/y' }, 400, -32021],
  session_malformed: [{ reason: 'session_malformed', detail: 'words' }, 400, -32600],
  session_unknown: [{ reason: 'session_unknown', detail: '' }, 404, -32001],
  task_unknown: [{ reason: 'task_unknown' }, 200, -32602],
  method_unknown: [{ reason: 'method_unknown', method: CANARY, era: 'modern' }, 404, -32601],
  scope_missing: [{ reason: 'scope_missing', challenge: ['a', 'b'], missing: ['b'], rule: CANARY }, 403, 403],
  call_forbidden: [{ reason: 'call_forbidden', rule: CANARY, denial: 'http' }, 403, 403],
  approval_required: [{ reason: 'approval_required', rule: CANARY, rules: [CANARY] }, 403, 403],
  approval_denied: [
    { reason: 'approval_denied', rule: CANARY, approval: { id: 'x', until: 0, page: '', useMs: 1 } },
    403,
    403,
  ],
  policy_unavailable: [{ reason: 'policy_unavailable', detail: CANARY, retryAfterSeconds: 10 }, 503, -32603],
  rate_limited: [{ reason: 'rate_limited', limit: CANARY, retryAfterSeconds: 7 }, 429, 429],
  overloaded: [{ reason: 'overloaded', detail: CANARY }, 503, -32603],
  upstream_unreachable: [{ reason: 'upstream_unreachable', detail: CANARY }, 502, -32603],
  upstream_invalid: [{ reason: 'upstream_invalid', detail: CANARY }, 502, -32603],
  upstream_ended: [{ reason: 'upstream_ended', detail: CANARY }, 502, -32603],
  upstream_timeout: [{ reason: 'upstream_timeout', detail: CANARY }, 504, -32603],
  audit_unavailable: [{ reason: 'audit_unavailable' }, 503, -32603],
  state_unavailable: [{ reason: 'state_unavailable', detail: CANARY }, 503, -32603],
}

const reasons = Object.keys(ROWS) as Reason[]

test.each(reasons)('%s: status, word, and none of the detail', (reason) => {
  const [refusal, status, says] = ROWS[reason]
  const answer = deny(refusal, CONTEXT, ASKED)
  const body = JSON.parse(String(answer.body))
  expect(answer.status).toBe(status)
  if (typeof says === 'number')
    expect(body).toMatchObject({ jsonrpc: '2.0', id: 'x1', error: { code: says } })
  else expect(body).toMatchObject({ error: says, error_description: expect.any(String) })
  expect(JSON.stringify(answer)).not.toContain(CANARY)
})

test.each(reasons)('%s: OAuth words before the body is read, never a JSON-RPC id', (reason) => {
  const body = JSON.parse(String(deny(ROWS[reason][0], CONTEXT, UNREAD_REQUEST).body))
  expect(body).toEqual({ error: expect.any(String), error_description: expect.any(String) })
})

test('T26-30 the id is echoed byte for byte, and left out when there is none', () => {
  const refusal: Refusal = { reason: 'session_unknown', detail: '' }
  expect(deny(refusal, CONTEXT, ASKED).body).toContain('"id":"x\\u0031",')
  expect(deny(refusal, CONTEXT, { id: '9007199254740993', bodyRead: true }).body).toContain(
    '"id":9007199254740993,',
  )
  expect(deny(refusal, CONTEXT, { id: undefined, bodyRead: true }).body).not.toContain('"id"')
})

test('CHL-02 a challenge with 401 and with a curable 403, and nowhere else', () => {
  const challenged = reasons.filter(
    (reason) => deny(ROWS[reason][0], CONTEXT, ASKED).headers['www-authenticate'] !== undefined,
  )
  expect(challenged).toEqual([
    'token_missing',
    'token_malformed',
    'token_rejected',
    'dpop_rejected',
    'scope_missing',
  ])
})

test('CHL-15 challenges are not stored', () => {
  for (const reason of reasons) {
    const { headers } = deny(ROWS[reason][0], CONTEXT, ASKED)
    if (headers['www-authenticate'] !== undefined) expect(headers['cache-control']).toBe('no-store')
  }
})

test('CHL-16 what may pass by itself says when to come back', () => {
  const waiting = reasons.flatMap((reason) => {
    const after = deny(ROWS[reason][0], CONTEXT, ASKED).headers['retry-after']
    return after === undefined ? [] : [[reason, after]]
  })
  expect(waiting).toEqual([
    ['issuer_unreachable', '5'],
    ['policy_unavailable', '10'],
    ['rate_limited', '7'],
    ['overloaded', '1'],
    ['audit_unavailable', '5'],
    ['state_unavailable', '1'],
  ])
})

test('R9 an unknown method is an ordinary error before 2026-07-28', () => {
  const refusal: Refusal = { reason: 'method_unknown', method: 'x', era: 'legacy' }
  expect(deny(refusal, CONTEXT, ASKED).status).toBe(200)
})

test.each([
  ['in_band', '1', 200],
  ['in_band', undefined, 403],
  ['http', '1', 403],
] as const)('R16 D-01 a denial %s of id %s is %d', (denial, id, status) => {
  const refusal: Refusal = { reason: 'call_forbidden', rule: 'r', denial }
  expect(deny(refusal, CONTEXT, { id, bodyRead: true }).status).toBe(status)
})

test('CHL-12 an expired token is told which scopes it had', () => {
  const refusal: Refusal = {
    reason: 'token_rejected',
    check: 'expiry',
    detail: CANARY,
    expiredScopes: ['write', 'read'],
  }
  const line = String(deny(refusal, CONTEXT, UNREAD_REQUEST).headers['www-authenticate'])
  expect(line).toContain('scope="read write"')
  expect(line).toContain('error_description="The access token expired"')
})

test('CHL-13 where a proof is required, Bearer comes first and DPoP second', () => {
  const answer = deny(
    { reason: 'token_missing', detail: '' },
    { ...CONTEXT, dpopRequired: true },
    UNREAD_REQUEST,
  )
  const lines = answer.headers['www-authenticate'] as readonly string[]
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['Bearer', 'DPoP'])
})
