// ERA-02 over the socket: every cell of claim × header × kind, by the answer and by what reached the upstream.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { ask } from './revision.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'

type Claim = 'none' | 'modern' | 'half' | 'legacy' | 'unknown' | 'malformed'
const META: { readonly [C in Claim]: object | undefined } = {
  none: undefined,
  modern: { [VERSION_KEY]: '2026-07-28', [CAPABILITIES_KEY]: {} },
  half: { [VERSION_KEY]: '2026-07-28' },
  legacy: { [VERSION_KEY]: '2025-11-25', [CAPABILITIES_KEY]: {} },
  unknown: { [VERSION_KEY]: '2099-01-01', [CAPABILITIES_KEY]: {} },
  malformed: { [VERSION_KEY]: 20260728, [CAPABILITIES_KEY]: {} },
}

type Header = 'none' | 'modern' | 'legacy' | 'unknown'
const VERSION: { readonly [H in Header]: string | undefined } = {
  none: undefined,
  modern: '2026-07-28',
  legacy: '2025-11-25',
  unknown: '2099-01-01',
}

type Kind = 'request' | 'notification' | 'initialize' | 'response'
const BODY: { readonly [K in Kind]: (params: object) => object } = {
  request: (params) => ({ jsonrpc: '2.0', id: 1, method: 'tools/list', params }),
  notification: (params) => ({ jsonrpc: '2.0', method: 'notifications/x', params }),
  initialize: (params) => ({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  response: () => ({ jsonrpc: '2.0', id: 1, result: {} }),
}

/** Sent with Mcp-Method, which the modern era checks and the other ignores: a wrong one tells the eras apart. */
async function check(kind: Kind, claim: Claim, header: Header): Promise<string> {
  const meta = META[claim]
  const body = BODY[kind](meta === undefined ? {} : { _meta: meta }) as { method?: string }
  const version = VERSION[header]
  const headers = {
    ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
    ...(body.method === undefined ? {} : { 'mcp-method': body.method }),
  }
  const right = await ask(gateway, { body, headers })
  if (right.code !== undefined) {
    expect(right.seen).toEqual([])
    return String(right.code)
  }
  expect(right.seen).toHaveLength(1)
  const wrong = await ask(gateway, { body, headers: { ...headers, 'mcp-method': 'other' } })
  return wrong.code === -32020 ? 'modern' : 'legacy'
}

const MISMATCH = '-32020'
const UNSUPPORTED = '-32022'
const PARAMS = '-32602'
const SHAPE = '-32600'

/** By claim; columns: header none, modern, legacy, unknown. */
const REQUEST: { readonly [C in Claim]: readonly [string, string, string, string] } = {
  none: ['legacy', PARAMS, 'legacy', UNSUPPORTED],
  modern: [MISMATCH, 'modern', MISMATCH, MISMATCH],
  half: [PARAMS, PARAMS, MISMATCH, MISMATCH],
  legacy: [UNSUPPORTED, MISMATCH, UNSUPPORTED, MISMATCH],
  unknown: [UNSUPPORTED, MISMATCH, MISMATCH, UNSUPPORTED],
  malformed: [PARAMS, PARAMS, PARAMS, PARAMS],
}
const NOTIFICATION: typeof REQUEST = {
  none: ['legacy', 'modern', 'legacy', UNSUPPORTED],
  modern: ['modern', 'modern', MISMATCH, MISMATCH],
  half: ['modern', 'modern', MISMATCH, MISMATCH],
  legacy: [UNSUPPORTED, MISMATCH, UNSUPPORTED, MISMATCH],
  unknown: [UNSUPPORTED, MISMATCH, MISMATCH, UNSUPPORTED],
  malformed: [PARAMS, PARAMS, PARAMS, PARAMS],
}
/** `initialize` is the old handshake, unless it claims a modern revision in full. */
const INITIALIZE: typeof REQUEST = {
  none: ['legacy', MISMATCH, 'legacy', MISMATCH],
  modern: [MISMATCH, 'modern', MISMATCH, MISMATCH],
  half: ['legacy', MISMATCH, 'legacy', MISMATCH],
  legacy: ['legacy', MISMATCH, 'legacy', MISMATCH],
  unknown: [UNSUPPORTED, MISMATCH, MISMATCH, UNSUPPORTED],
  malformed: ['legacy', MISMATCH, 'legacy', MISMATCH],
}
const RESPONSE: readonly [string, string, string, string] = ['legacy', SHAPE, 'legacy', UNSUPPORTED]

const HEADERS: readonly Header[] = ['none', 'modern', 'legacy', 'unknown']
const TABLES: readonly (readonly [Kind, Partial<typeof REQUEST>])[] = [
  ['request', REQUEST],
  ['notification', NOTIFICATION],
  ['initialize', INITIALIZE],
  ['response', { none: RESPONSE }],
]
const cells = TABLES.flatMap(([kind, table]) =>
  (Object.entries(table) as [Claim, typeof RESPONSE][]).flatMap(([claim, row]) =>
    HEADERS.map((header, column) => [kind, claim, header, row[column] as string] as const),
  ),
)

test.each(cells)('ERA-01 ERA-02 %s, claim %s, header %s: %s', async (kind, claim, header, expected) => {
  expect(await check(kind, claim, header)).toBe(expected)
})

test.each(['GET', 'DELETE'] as const)('ERA-02 %s is legacy, whatever its header', async (method) => {
  const headers = { 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': 'strange' }
  expect((await ask(gateway, {}, { method, headers })).status).toBe(404)
})

test('ERA-04 the versions that could be spoken are named, newest first', async () => {
  const headers = { 'mcp-protocol-version': '1900-01-01' }
  const { text } = await ask(gateway, { body: BODY.request({}), headers })
  const { supported } = JSON.parse(text).error.data
  expect(supported).toEqual([...supported].sort().reverse())
  expect(supported).toContain('2025-11-25')
})

test('ERA-07 nothing is translated: a modern request reaches a legacy upstream as it is', async () => {
  const body = BODY.request({ _meta: META.modern })
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }
  const { seen } = await ask(gateway, { body, headers })
  expect(JSON.parse(String(seen[0]?.body))).toEqual(body)
  expect(seen[0]?.headers).toMatchObject(headers)
})
