// The order of the checks (docs/decisions.md, 12): a request that breaks two neighbouring ones hears of the first.
// The upstream hears of none.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Reason } from '../../src/core/refusal.ts'
import { type Aim, aimAt, DANGER, JSON_TYPE } from '../support/attack.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'

let gateway: TestGateway
let aim: Aim
/** Of a caller who has used up what is his. */
let hasty: string
beforeAll(async () => {
  gateway = await startTestGateway({
    auditRequired: true,
    top: 'allowed_origins: ["https://app.example"]',
    route:
      '    limits: { body: 1KiB, rate: { per_subject: 50/h, per_tool: { safe: 1/h }, failed_auth_per_address: 1000/min } }',
  })
  aim = aimAt(gateway)
  await gateway.post(toolCall('safe')) // the only one this hour
  hasty = bearer(gateway.token('a', { sub: 'hasty' }))
  const spend = () => overWire(gateway.origin, request('GET /mcp/a', HOST + hasty), 1)
  await Promise.all(Array.from({ length: 50 }, spend))
})
afterAll(() => gateway.close())

const HOST = 'Host: localhost\r\n'
const EVIL_HOST = 'Host: evil.example\r\n'
const EVIL_ORIGIN = 'Origin: https://evil.example\r\n'
const PREFLIGHT = 'Access-Control-Request-Method: POST\r\n'
const MANY = Array.from({ length: 101 }, (_, index) => `j${index}: 1\r\n`).join('')
const METADATA = '/.well-known/oauth-protected-resource/mcp/a'
const LARGE = 'a'.repeat(2_048)
const bearer = (token: string) => `Authorization: Bearer ${token}\r\n`
const request = (line: string, lines: string, body = '') =>
  `${line} HTTP/1.1\r\n${lines}${body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`}\r\n${body}`
const MODERN = 'MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n'
const claimed = JSON.stringify({
  ...toolCall('danger'),
  params: {
    name: 'danger',
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
})

/** What is wrong with it, first to last; the answer; the reason in the audit, where there is a line. */
type Row = readonly [wrong: string, bytes: (aim: Aim) => string, status: number, reason: Reason | null]

const ROWS: readonly Row[] = [
  ['too many headers · well-known', () => request(`GET ${METADATA}`, HOST + MANY), 431, 'headers_too_large'],
  ['too many headers · Host', () => request('POST /mcp/a', EVIL_HOST + MANY), 431, 'headers_too_large'],
  ['well-known (right) · Host', () => request(`GET ${METADATA}`, EVIL_HOST), 200, null],
  ['well-known (right) · Origin', () => request(`GET ${METADATA}`, HOST + EVIL_ORIGIN), 200, null],
  ['unknown well-known · Host', () => request('GET /.well-known/x', EVIL_HOST), 404, null],
  ['preflight (right) · Origin', () => request('OPTIONS /mcp/a', HOST + EVIL_ORIGIN + PREFLIGHT), 204, null],
  ['Host · route', () => request('POST /nowhere', EVIL_HOST), 403, 'host_forbidden'],
  ['Host · Origin', () => request('POST /mcp/a', EVIL_HOST + EVIL_ORIGIN), 403, 'host_forbidden'],
  ['Origin · route', () => request('POST /nowhere', HOST + EVIL_ORIGIN), 403, 'origin_forbidden'],
  ['Origin · credential', () => request('POST /mcp/a', HOST + EVIL_ORIGIN), 403, 'origin_forbidden'],
  ['route · credential', () => request('POST /nowhere', HOST), 404, null],
  ['route · method', ({ head }) => request('PUT /nowhere', head), 404, null],
  [
    'two credentials · token',
    ({ head }) => request('POST /mcp/a', head + bearer('bad')),
    400,
    'token_malformed',
  ],
  ['credential · method PUT', () => request('PUT /mcp/a', HOST), 401, 'token_missing'],
  ['credential · method OPTIONS', () => request('OPTIONS /mcp/a', HOST), 401, 'token_missing'],
  ['credential · method TRACE', () => request('TRACE /mcp/a', HOST), 401, 'token_missing'],
  ['credential · 413', () => request('POST /mcp/a', HOST + JSON_TYPE, LARGE), 401, 'token_missing'],
  ['credential · 415', () => request('POST /mcp/a', HOST, DANGER), 401, 'token_missing'],
  ['credential · Accept', () => request('GET /mcp/a', `${HOST}Accept: text/html\r\n`), 401, 'token_missing'],
  ['token · method', () => request('PUT /mcp/a', HOST + bearer('bad')), 401, 'token_rejected'],
  [
    'token · 413',
    () => request('POST /mcp/a', HOST + JSON_TYPE + bearer('bad'), LARGE),
    401,
    'token_rejected',
  ],
  ['method · 413', ({ head }) => request('PUT /mcp/a', head + JSON_TYPE, LARGE), 405, 'method_not_allowed'],
  ['method · 415', ({ head }) => request('PATCH /mcp/a', head, DANGER), 405, 'method_not_allowed'],
  ['413 · 415', ({ head }) => request('POST /mcp/a', head, LARGE), 413, 'body_too_large'],
  ['413 · 400', ({ head }) => request('POST /mcp/a', head + JSON_TYPE, LARGE), 413, 'body_too_large'],
  ['415 · 400', ({ head }) => request('POST /mcp/a', head, '{'), 415, 'media_type_unsupported'],
  [
    '400 · headers',
    ({ head }) => request('POST /mcp/a', head + JSON_TYPE + MODERN, '{'),
    400,
    'body_unreadable',
  ],
  [
    'headers · session, policy',
    ({ head }) => request('POST /mcp/a', `${head + JSON_TYPE + MODERN}Mcp-Session-Id: x\r\n`, claimed),
    400,
    'header_mismatch',
  ],
  [
    'era · session',
    ({ head }) =>
      request(
        'POST /mcp/a',
        `${head + JSON_TYPE}MCP-Protocol-Version: 2099-01-01\r\nMcp-Session-Id: x\r\n`,
        DANGER,
      ),
    400,
    'version_unsupported',
  ],
  [
    'session · policy',
    ({ head }) => request('POST /mcp/a', `${head + JSON_TYPE}Mcp-Session-Id: x\r\n`, DANGER),
    404,
    'session_unknown',
  ],
  ['token · rate', () => request('POST /mcp/a', HOST + bearer('bad')), 401, 'token_rejected'],
  ['rate · method', () => request('PUT /mcp/a', HOST + hasty), 429, 'rate_limited'],
  ['rate · 413', () => request('POST /mcp/a', HOST + JSON_TYPE + hasty, LARGE), 429, 'rate_limited'],
  [
    'policy · rate of a tool',
    ({ head }) => request('POST /mcp/a', head + JSON_TYPE, DANGER),
    403,
    'scope_missing',
  ],
  [
    'rate of a tool · forward',
    ({ head }) => request('POST /mcp/a', head + JSON_TYPE, JSON.stringify(toolCall('safe'))),
    429,
    'rate_limited',
  ],
]

test.each(ROWS)('%s', async (_wrong, bytes, status, reason) => {
  const before = gateway.upstream.received.length
  const lines = gateway.audit().length
  const [answer] = await overWire(gateway.origin, bytes(aim), 1)
  expect(answer?.status).toBe(status)
  expect(gateway.upstream.received.length).toBe(before)
  const said = gateway.audit().slice(lines)
  expect(said.map((line) => line['reason'])).toEqual(reason === null ? [] : [reason])
})

test('credential · method HEAD', async () => {
  expect((await fetch(gateway.resource, { method: 'HEAD' })).status).toBe(401)
})
