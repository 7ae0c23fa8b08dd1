// M rows about what a message says: methods, names, ids, batches.
import { expect, test } from 'vitest'
import { methodKind } from '../../src/core/methods.ts'
import { readMessage } from '../../src/mcp/message.ts'
import { claimed, LEGACY, modern, NONE } from '../mcp/bodies.ts'

function read(body: string, headers = LEGACY) {
  return readMessage(Buffer.from(body), headers)
}

function check(body: string, headers = LEGACY): string {
  const result = read(body, headers)
  return result.ok ? 'ok' : result.refusal.reason
}

function request(method: string, params?: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`
}

const names = ['danger ', 'danger\u00a0', 'dan\u200bger', 'DANGER', '\uff44anger', 'da\u0301nger', ' danger']
test.each(names)('M08 %j is taken as it is', (name) => {
  const result = read(request('tools/call', JSON.stringify({ name })))
  expect(result.ok && result.value.calls[0]?.targets).toEqual([{ kind: 'tool', name }])
})

test.each(['"danger\\u0000"', '"danger\\ud800"', '"\\udc00danger"'])('M08 %s is no name', (name) => {
  expect(check(request('tools/call', `{"name":${name}}`))).toBe('params_invalid')
  expect(check(request('resources/read', `{"uri":${name}}`))).toBe('params_invalid')
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'M09 %s is a name like any other',
  (name) => {
    const result = read(request('tools/call', `{"name":"${name}"}`))
    expect(result.ok && result.value.calls[0]?.targets[0]?.name).toBe(name)
    expect(methodKind(name)).toBe('unknown')
  },
)

const badParams: readonly (readonly [string, string])[] = [
  ['M10 a list', request('tools/call', '{"name":["danger"]}')],
  ['M10 an object', request('tools/call', '{"name":{"toString":1}}')],
  ['M10 a number', request('tools/call', '{"name":1}')],
  ['M10 true', request('tools/call', '{"name":true}')],
  ['M10 null', request('tools/call', '{"name":null}')],
  ['M10 missing', request('tools/call', '{}')],
  ['M10 prompt', request('prompts/get', '{"name":1}')],
  ['M10 uri', request('resources/read', '{"uri":1}')],
  ['M10 task', request('tasks/get', '{"taskId":1}')],
  ['M11 list of params', request('tools/call', '["danger",{}]')],
  ['M11 string', request('tools/call', '"danger"')],
  ['M11 null', request('tools/call', 'null')],
  ['M11 missing', request('tools/call')],
  ['M11 null for a method without targets', request('ping', 'null')],
  ['M15 no ref', request('completion/complete', '{}')],
  ['M15 unknown ref', request('completion/complete', '{"ref":{"type":"ref/tool","name":"a"}}')],
  ['M15 ref without name', request('completion/complete', '{"ref":{"type":"ref/prompt","uri":"a"}}')],
  ['M15 ref without uri', request('completion/complete', '{"ref":{"type":"ref/resource","name":"a"}}')],
  [
    'M16 not a list',
    request('subscriptions/listen', '{"notifications":{"resourceSubscriptions":"file:///a"}}'),
  ],
  ['M16 not strings', request('subscriptions/listen', '{"notifications":{"resourceSubscriptions":["a",1]}}')],
  [
    'M16 too many',
    request(
      'subscriptions/listen',
      `{"notifications":{"resourceSubscriptions":${JSON.stringify(Array(1001).fill('a'))}}}`,
    ),
  ],
  ['M16 notifications not an object', request('subscriptions/listen', '{"notifications":[]}')],
  [
    'S11 several tasks on one stream',
    request('subscriptions/listen', '{"notifications":{"taskIds":["a","b"]}}'),
  ],
  [
    'S12 a task beside resources',
    request('subscriptions/listen', '{"notifications":{"taskIds":["a"],"resourceSubscriptions":["b:1"]}}'),
  ],
  ['M45 _meta not an object', request('ping', '{"_meta":"2026-07-28"}')],
]

test.each(badParams)('%s: params are invalid', (_, body) => expect(check(body)).toBe('params_invalid'))

test.each([
  ['M12 list', '{"jsonrpc":"2.0","id":1,"method":["tools/call"]}'],
  ['M12 number', '{"jsonrpc":"2.0","id":1,"method":1}'],
  ['M12 null', '{"jsonrpc":"2.0","id":1,"method":null}'],
  ['M19 method and result', '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}'],
  ['M19 method and error', '{"jsonrpc":"2.0","id":1,"method":"ping","error":{}}'],
  ['M19 result and error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}'],
  ['M19 response without id', '{"jsonrpc":"2.0","result":{}}'],
  ['M19 result for null', '{"jsonrpc":"2.0","id":null,"result":{}}'],
  ['nothing at all', '{"jsonrpc":"2.0","id":1}'],
  ['a string', '"ping"'],
  ['a number', '1'],
  ['null', 'null'],
])('%s is an invalid message', (_, body) => expect(check(body)).toBe('message_invalid'))

test.each(['TOOLS/CALL', 'tools/call ', 'tools/callx', 'x/y', 'tools/call/../list'])(
  'M12 M13 %j is unknown',
  (method) => {
    const result = read(request(method))
    expect(result.ok && methodKind(result.value.calls[0]?.method ?? 'ping')).toBe('unknown')
  },
)

test.each(['tools\\/call', '\\u0074ools/call'])('M12 %s is the real method and is read as it', (method) => {
  const result = read(request(method, '{"name":"danger"}'))
  expect(result.ok && result.value.calls[0]).toMatchObject({
    method: 'tools/call',
    targets: [{ kind: 'tool', name: 'danger' }],
  })
})

const targets: readonly (readonly [string, string, string, readonly object[]])[] = [
  ['M14', 'prompts/get', '{"name":"p"}', [{ kind: 'prompt', name: 'p' }]],
  ['M14', 'resources/read', '{"uri":"file:///a"}', [{ kind: 'resource', name: 'file:///a' }]],
  ['M14', 'resources/subscribe', '{"uri":"file:///a"}', [{ kind: 'resource', name: 'file:///a' }]],
  ['M14', 'resources/unsubscribe', '{"uri":"file:///a"}', [{ kind: 'resource', name: 'file:///a' }]],
  ['M14', 'logging/setLevel', '{"level":"debug"}', []],
  [
    'M15',
    'completion/complete',
    '{"ref":{"type":"ref/prompt","name":"hidden"}}',
    [{ kind: 'prompt', name: 'hidden' }],
  ],
  [
    'M15',
    'completion/complete',
    '{"ref":{"type":"ref/resource","uri":"file:///{p}"}}',
    [{ kind: 'template', name: 'file:///{p}' }],
  ],
  [
    'M15',
    'completion/complete',
    '{"ref":{"type":"ref/resource","uri":"file:///s"}}',
    [{ kind: 'resource', name: 'file:///s' }],
  ],
  [
    'M16',
    'subscriptions/listen',
    '{"notifications":{"resourceSubscriptions":["a:1","a:2"]}}',
    [
      { kind: 'resource', name: 'a:1' },
      { kind: 'resource', name: 'a:2' },
    ],
  ],
  ['M16', 'subscriptions/listen', '{"notifications":{"toolsListChanged":true}}', []],
  ['M16', 'subscriptions/listen', '{}', []],
  [
    'M52',
    'resources/read',
    '{"uri":"FILE:///a/%2e%2e/s\\u0065cret"}',
    [{ kind: 'resource', name: 'FILE:///a/%2e%2e/secret' }],
  ],
]

test.each(targets)('%s %s %s names its targets', (_, method, params, expected) => {
  const result = read(request(method, params))
  expect(result.ok && result.value.calls[0]?.targets).toEqual(expected)
})

test.each(['tasks/get', 'tasks/update', 'tasks/cancel', 'tasks/result'])(
  'S11 %s carries its task',
  (method) => {
    const result = read(request(method, '{"taskId":"t1"}'))
    expect(result.ok && result.value.calls[0]?.taskId).toBe('t1')
  },
)

test('S11 a stream for one task carries it', () => {
  const result = read(request('subscriptions/listen', '{"notifications":{"taskIds":["t1"]}}'))
  expect(result.ok && result.value.calls[0]?.taskId).toBe('t1')
})

const ping = request('ping')
const batches: readonly (readonly [string, string, readonly string[], string])[] = [
  ['without a header', `[${ping}]`, [], 'ok'],
  ['of 2025-03-26', `[${ping},${request('tools/call', '{"name":"danger"}')}]`, ['2025-03-26'], 'ok'],
  ['of responses', '[{"jsonrpc":"2.0","id":1,"result":{}}]', [], 'ok'],
  ['of 2025-06-18', `[${ping}]`, ['2025-06-18'], 'message_invalid'],
  ['of 2025-11-25', `[${ping}]`, ['2025-11-25'], 'message_invalid'],
  ['of 2026-07-28', `[${ping}]`, ['2026-07-28'], 'message_invalid'],
  ['with a modern element', `[${claimed('ping')}]`, [], 'message_invalid'],
  ['empty', '[]', [], 'message_invalid'],
  ['nested', `[[${ping}]]`, [], 'message_invalid'],
  ['with junk', `["x",1,null,${ping}]`, [], 'message_invalid'],
  ['with initialize', `[${request('initialize', '{}')}]`, [], 'message_invalid'],
  ['with bad params', `[${ping},${request('tools/call', '{}')}]`, [], 'params_invalid'],
  ['of 50', `[${Array(50).fill(ping).join()}]`, [], 'ok'],
  ['of 51', `[${Array(51).fill(ping).join()}]`, [], 'message_invalid'],
]

test.each(batches)('M17 a batch %s', (_, body, version, expected) => {
  expect(check(body, { ...NONE, version })).toBe(expected)
})

test('M17 every member of a batch is read, not the first alone', () => {
  const result = read(`[${request('tools/list')},${request('tools/call', '{"name":"danger"}')}]`, NONE)
  expect(result.ok && result.value).toMatchObject({ batch: true, era: 'legacy' })
  expect(result.ok && result.value.calls.map((each) => each.method)).toEqual(['tools/list', 'tools/call'])
})

test('M18 a call without an id is read like a request', () => {
  const result = read('{"jsonrpc":"2.0","method":"tools/call","params":{"name":"danger"}}')
  expect(result.ok && result.value.calls[0]).toMatchObject({
    kind: 'notification',
    targets: [{ kind: 'tool', name: 'danger' }],
  })
})

test.each([
  ['a result', '{"jsonrpc":"2.0","id":7,"result":{"tools":[]}}'],
  ['an error', '{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":""}}'],
  ['an error for nobody', '{"jsonrpc":"2.0","id":null,"error":{}}'],
  ['an error without id', '{"jsonrpc":"2.0","error":{}}'],
])('M19 %s from the client is a legacy response and refused on 2026-07-28', (_, body) => {
  const result = read(body)
  expect(result.ok && result.value.calls[0]).toMatchObject({ kind: 'response', method: '', targets: [] })
  expect(check(body, { ...NONE, version: ['2026-07-28'] })).toBe('message_invalid')
})

test.each([
  '',
  '"jsonrpc":"1.0",',
  '"jsonrpc":2.0,',
  '"jsonrpc":"2.0 ",',
  '"jsonrpc":null,',
  '"jsonrpc":["2.0"],',
])('M20 %s is refused', (member) => {
  expect(check(`{${member}"id":1,"method":"ping"}`)).toBe('message_invalid')
})

test.each(['9007199254740993', '1.0', '1e99', '-0', '""', '"a\\u0062"', '0'])(
  'M21 the id %s is kept byte for byte',
  (id) => {
    const result = read(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)
    expect(result.ok && result.value.calls[0]?.id).toBe(id)
  },
)

test.each(['{}', '[]', 'true', 'false', 'null', '[1]'])('M18 M21 the id %s is refused', (id) => {
  expect(check(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)).toBe('message_invalid')
})

const UNHELD = ['1e999', '90071e99254740993', '1E-99254740993', '9'.repeat(41), `0.${'0'.repeat(39)}1`]
test.each(UNHELD)('M90 the id %s is refused, and not repeated in the answer', (id) => {
  for (const member of ['"method":"ping"', '"result":{}']) {
    const result = read(`{"jsonrpc":"2.0","id":${id},${member}}`)
    expect([result.ok || result.refusal.reason, result.id]).toEqual(['message_invalid', undefined])
  }
})

test('M64 a retry is read as a call of its own', () => {
  const body = claimed('tools/call', '"name":"danger","requestState":"s","inputResponses":{"a":{}}')
  const result = read(body, modern('tools/call', 'danger'))
  expect(result.ok && result.value.calls[0]?.targets).toEqual([{ kind: 'tool', name: 'danger' }])
})

const LONGEST = 'x'.repeat(256)
test.each([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
])('M70 a name of more than 256 characters: %s', (method, key) => {
  expect(check(request(method, `{"${key}":"${LONGEST}"}`))).toBe('ok')
  expect(check(request(method, `{"${key}":"${LONGEST}x"}`))).toBe('params_invalid')
})

test('M71 half a character in an id or a method, which readers replace or refuse', () => {
  const message = (id: string, method: string) => `{"jsonrpc":"2.0","id":"${id}","method":"${method}"}`
  expect(check(message('\\ud83d\\ude00', 'ping'))).toBe('ok')
  expect(check(message('\\ud83d', 'ping'))).toBe('message_invalid')
  expect(check(message('a', '\\ud83d'))).toBe('message_invalid')
  expect(check('{"jsonrpc":"2.0","id":"\\ud83d","result":{}}')).toBe('message_invalid')
  expect(read(message('\\ud83d', 'ping')).id).toBeUndefined()
})

test('M70 a completion for a prompt with such a name', () => {
  const completion = (name: string) =>
    request('completion/complete', `{"ref":{"type":"ref/prompt","name":"${name}"}}`)
  expect(check(completion(LONGEST))).toBe('ok')
  expect(check(completion(`${LONGEST}x`))).toBe('params_invalid')
})
