// What a span says of a call, where a client chose the words: bounded, and without what may be a secret.
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import {
  callAttributes,
  MAX_VALUE_CHARACTERS,
  recordAttributes,
  routeWords,
  spanName,
  tracedCall,
} from '../../src/observe/otel/attributes.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'

const ROUTE = { path: '/a', namedTools: ['read'], upstreamUrl: new URL('https://server.example/mcp') }
const REQUEST = tracedCall({ httpMethod: 'POST', fields: [], startedMs: 0, route: ROUTE })

function call(method: string, target?: Call['targets'][number], id = '1'): Call {
  const targets = target === undefined ? [] : [target]
  return {
    kind: 'request',
    id,
    method,
    targets,
    taskId: undefined,
    mayCreateTask: false,
    args: () => undefined,
  }
}

test('whatever a client sends, each value has at most 256 characters', () => {
  const long = 'x'.repeat(100_000)
  const calls = [
    call(long, undefined, `"${long}"`),
    call('tools/call', { kind: 'tool', name: long }),
    call('prompts/get', { kind: 'prompt', name: long }),
    call('resources/read', { kind: 'resource', name: `file:///${long}` }),
  ]
  for (const each of calls)
    for (const value of Object.values(callAttributes(each)))
      expect(String(value).length).toBeLessThanOrEqual(256)
  const { session } = tracedCall({ ...REQUEST, fields: ['Mcp-Session-Id', long] })
  expect(session).toHaveLength(256)
})

test.each<[string, Call | undefined, string]>([
  ['a tool that is named', call('tools/call', { kind: 'tool', name: 'read' }), 'tools/call read'],
  ['another tool', call('tools/call', { kind: 'tool', name: 'made-up' }), 'tools/call'],
  ['a list', call('tools/list'), 'tools/list'],
  ['a method of nobody', call('made/up'), '_OTHER'],
  [
    'a notification of MCP',
    { ...call('notifications/cancelled'), kind: 'notification' },
    'notifications/cancelled',
  ],
  ['another notification', { ...call('notifications/made-up'), kind: 'notification' }, '_OTHER'],
  ['an answer', { ...call(''), kind: 'response' }, 'POST /a'],
  ['no message', undefined, 'POST /a'],
])('K07 the span of %s has a name of a closed list', (_what, each, name) => {
  expect(spanName(each, REQUEST)).toBe(name)
})

test('a URI without its query and fragment, an id as it is meant, and where the server is', () => {
  const uri = call(
    'resources/read',
    { kind: 'resource', name: 'https://a/b?key=SECRET#SECRET' },
    '"a\\u0062"',
  )
  expect(callAttributes(uri)).toEqual({
    'mcp.method.name': 'resources/read',
    'jsonrpc.request.id': 'ab',
    'mcp.resource.uri': 'https://a/b',
  })
  expect(routeWords(ROUTE).upstream).toMatchObject({ 'server.address': 'server.example', 'server.port': 443 })
  expect(routeWords({ ...ROUTE, upstreamUrl: undefined }).upstream).toEqual({ 'network.transport': 'pipe' })
})

test('what the configuration says of a route is made once, not for each call', () => {
  expect(routeWords(ROUTE)).toBe(routeWords(ROUTE))
  expect(routeWords({ ...ROUTE })).not.toBe(routeWords(ROUTE))
})

test('the id of a session, as far as it was not made up: not of a request that was refused', () => {
  const fields = ['Mcp-Session-Id', 's'.repeat(300)]
  const request = tracedCall({ httpMethod: 'POST', fields, startedMs: 0, route: ROUTE })
  const said = (refusal: RequestRecord['refusal']) =>
    recordAttributes(
      { route: 'a', id: 'r', httpMethod: 'POST', status: 200, refusal } as RequestRecord,
      request,
    )
  expect(said(undefined)['mcp.session.id']).toBe('s'.repeat(MAX_VALUE_CHARACTERS))
  expect(said({ reason: 'session_unknown' } as RequestRecord['refusal'])).not.toHaveProperty('mcp.session.id')
})
