import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMessage } from '../../src/mcp/message.ts'
import { bytes, claimed, LEGACY, modern, NONE } from './bodies.ts'

function call(body: string, headers = LEGACY) {
  const result = readMessage(bytes(body), headers)
  if (!result.ok) throw new Error(result.refusal.reason)
  return result.value.calls[0]
}

test('a modern call carries its era, version, id and target', () => {
  const result = readMessage(bytes(claimed('tools/call', '"name":"a"')), modern('tools/call', 'a'))
  expect(result).toMatchObject({ ok: true, value: { era: 'modern', version: '2026-07-28', batch: false } })
  expect(result.ok && result.value.calls[0]).toMatchObject({
    kind: 'request',
    id: '1',
    targets: [{ kind: 'tool', name: 'a' }],
  })
})

test('without a header the version is unknown and the era legacy', () => {
  const result = readMessage(bytes('{"jsonrpc":"2.0","id":1,"method":"ping"}'), NONE)
  expect(result).toMatchObject({ ok: true, value: { era: 'legacy', version: undefined } })
})

test('SSE-09 headers that a transport does not have may be absent, and must agree where they are there', () => {
  const body = bytes(claimed('tools/call', '"name":"a"'))
  const over = (headers: object) => readMessage(body, { ...NONE, ...headers, areOptional: true })
  expect(over({})).toMatchObject({ ok: true, value: { era: 'modern', calls: [{ method: 'tools/call' }] } })
  for (const [name, value] of [
    ['version', '2025-11-25'],
    ['method', 'tools/list'],
    ['name', 'b'],
  ] as const)
    expect(over({ [name]: [value] })).toMatchObject({ ok: false, refusal: { reason: 'header_mismatch' } })
  expect(readMessage(body, NONE)).toMatchObject({ ok: false, refusal: { reason: 'header_mismatch' } })
})

test('arguments are parsed once, when asked for, whatever they are', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const args = call(
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":${JSON.stringify(value)},"name":"a"}}`,
      )?.args
      expect(args?.()).toEqual(JSON.parse(JSON.stringify(value)))
      expect(args?.()).toBe(args?.())
    }),
  )
})

test('M09 __proto__ in arguments is a member and no prototype', () => {
  const body =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"__proto__":{"admin":true}}}}'
  const args = call(body)?.args() as Record<string, unknown>
  expect(Object.keys(args)).toEqual(['__proto__'])
  expect(args['admin']).toBeUndefined()
})

test('absent arguments are undefined', () => {
  expect(call('{"jsonrpc":"2.0","id":1,"method":"ping"}')?.args()).toBeUndefined()
})

const creators: readonly (readonly [string, boolean, string])[] = [
  ['nothing', false, '"name":"a"'],
  ['LEG-15 params.task', true, '"name":"a","task":{"ttl":1}'],
  [
    'XTS-01 the extension',
    true,
    '"name":"a","_meta":{"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}',
  ],
  [
    'another extension',
    false,
    '"name":"a","_meta":{"io.modelcontextprotocol/clientCapabilities":{"extensions":{"x/tasks":{}}}}',
  ],
]

test.each(creators)('a task may come of %s: %s', (_, expected, params) => {
  expect(call(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${params}}}`)?.mayCreateTask).toBe(
    expected,
  )
})

const ids: readonly (readonly [string, string | undefined])[] = [
  ['{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[]}', '7'],
  ['{"id":"a","method":1}', '"a"'],
  ['{"id":null}', undefined],
  ['{"id":{}}', undefined],
  ['{"id":1,"id":2}', undefined],
  ['{"id":1,"ID":2}', undefined],
  ['[{"id":1}]', undefined],
  ['{"id":1', undefined],
  ['7', undefined],
]

test.each(ids)('T26-30 the id of %s, which is refused, is %s', (body, expected) => {
  const read = readMessage(bytes(body), LEGACY)
  expect([read.ok, read.id]).toEqual([false, expected])
})

const cancellations: readonly (readonly [string, string | undefined])[] = [
  ['{"requestId":7,"reason":"no more"}', '7'],
  ['{"requestId":"a\\u0062"}', '"ab"'],
  ['{"requestId":null}', undefined],
  ['{"requestId":{}}', undefined],
  ['{}', undefined],
]
test.each(cancellations)('what is cancelled with %s', (params, cancels) => {
  const body = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`
  expect(call(body)).toMatchObject({ kind: 'notification', cancels })
})

describe('XTR-01 the span that _meta names', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const within = (meta: string, more = '') =>
    call(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{${meta}}${more}}}`)

  test('is read with its state', () => {
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
    expect(within(`"traceparent":"${traceparent}"`)?.belongsTo).toEqual({ ...span, state: undefined })
    const escaped = traceparent.replace('a', '\\u0061')
    expect(within(`"traceparent":"${escaped}","tracestate":"v=1"`)?.belongsTo).toEqual({
      ...span,
      state: 'v=1',
    })
  })

  test('is none where it is no proper one, and no name like it is refused (XTR-02)', () => {
    const metas = [
      '"traceparent":7',
      `"TraceParent":"${traceparent}"`,
      '"tracestate":"v=1"',
      '"traceparent":"x"',
      '',
    ]
    for (const meta of metas) expect(within(meta)?.belongsTo).toBeUndefined()
  })

  test('M02 two of it are two members of one name', () => {
    expect(() => within(`"traceparent":"${traceparent}","traceparent":"${traceparent}"`)).toThrow(
      'body_unreadable',
    )
  })
})
