// M rows about the bytes of a body: names, encodings, lenient JSON.
import { expect, test } from 'vitest'
import { readMessage } from '../../src/mcp/message.ts'
import { LEGACY } from '../mcp/bodies.ts'

const SAFE = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe"}}'

function check(body: string | Buffer): string {
  const result = readMessage(Buffer.from(body as string), LEGACY)
  return result.ok ? 'ok' : result.refusal.reason
}

function call(params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`
}

test('the body that all rows vary is accepted', () => expect(check(SAFE)).toBe('ok'))

const duplicates: readonly (readonly [string, string])[] = [
  ['M01 name twice', call('{"name":"safe","name":"danger"}')],
  ['M01 name twice, reversed', call('{"name":"danger","name":"safe"}')],
  ['M01 twice with the same value', call('{"name":"safe","name":"safe"}')],
  ['M02 escaped name', call('{"name":"safe","n\\u0061me":"danger"}')],
  ['M02 escaped method', '{"jsonrpc":"2.0","method":"tools/list","\\u006dethod":"tools/call","id":1}'],
  [
    'M03 params twice',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"params":{"name":"b"}}',
  ],
  ['M03 id twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'],
  ['M46 path twice in arguments', call('{"name":"safe","arguments":{"path":"/a","path":"/b"}}')],
  ['M46 deep in arguments', call('{"name":"safe","arguments":[{"a":{"x":1,"\\u0078":2}}]}')],
  ['M01 in a large object', call(`{"name":"s","arguments":{${many(40)},"k7":0}}`)],
  ['M01 empty names', call('{"name":"safe","arguments":{"":1,"":2}}')],
  ['M01 __proto__ twice', call('{"name":"safe","arguments":{"__proto__":1,"__proto__":2}}')],
  ['M06 NUL in a name', call('{"name":"safe","name\\u0000":"danger"}')],
  ['M06 lone surrogate in a name', call('{"name":"safe","name\\ud800":"danger"}')],
  ['M06 NUL deep in arguments', call('{"name":"safe","arguments":{"a":{"b\\u0000":1}}}')],
]

function many(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',')
}

test.each(duplicates)('%s is unreadable', (_, body) => expect(check(body)).toBe('body_unreadable'))

const variants: readonly (readonly [string, string])[] = [
  ['M04 Name beside name', call('{"name":"safe","Name":"danger"}')],
  ['M04 METHOD', '{"jsonrpc":"2.0","id":1,"method":"tools/list","METHOD":"tools/call"}'],
  [
    'M04 Params',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"Params":{"name":"b"}}',
  ],
  ['M04 Arguments', call('{"name":"safe","Arguments":{}}')],
  ['M46 arguments and Arguments', call('{"name":"safe","arguments":{"a":1},"Arguments":{"a":2}}')],
  [
    'M05 long s',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"param\u017f":{"name":"b"}}',
  ],
  ['M05 escaped long s', '{"jsonrpc":"2.0","id":1,"method":"ping","param\\u017f":{}}'],
  ['M05 Kelvin sign', call('{"name":"safe","tas\u212a":{}}')],
  ['M05 dotted capital I', call('{"name":"safe","task\u0130d":"x"}')],
  ['M05 dotless i', '{"jsonrpc":"2.0","\u0131d":2,"id":1,"method":"ping"}'],
  ['M07 only variants', '{"jsonrpc":"2.0","id":1,"Method":"tools/call","Params":{"Name":"danger"}}'],
  [
    'M04 in ref',
    '{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"a","Name":"b"}}}',
  ],
  ['M04 in _meta', call('{"name":"a","_meta":{"io.modelcontextprotocol/protocolversion":"2026-07-28"}}')],
  [
    'M04 in notifications',
    '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"ResourceSubscriptions":[]}}}',
  ],
  ['M17 in a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}]'],
]

test.each(variants)('%s is invalid', (_, body) => expect(check(body)).toBe('message_invalid'))

const readable: readonly (readonly [string, string])[] = [
  [
    'M04 a variant inside arguments is the tool’s own',
    call('{"name":"safe","arguments":{"Name":1,"name":2}}'),
  ],
  ['M04 a variant of a name that is not read', call('{"name":"safe","Cursor":"x","cursor":"y"}')],
  ['M09 __proto__ as a member', call('{"name":"safe","arguments":{"__proto__":{"x":1}}}')],
  ['M21 a long id', `{"jsonrpc":"2.0","id":"${'x'.repeat(10_240)}","method":"ping"}`],
  ['M26 white space of RFC 8259', `\r\n\t ${SAFE} \n`],
]

test.each(readable)('%s is accepted', (_, body) => expect(check(body)).toBe('ok'))

const mark = Buffer.from([0xef, 0xbb, 0xbf])

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

const encodings: readonly (readonly [string, Buffer])[] = [
  ['M22 UTF-16LE', Buffer.from(SAFE, 'utf16le')],
  ['M22 UTF-16LE with a mark', Buffer.from(`\ufeff${SAFE}`, 'utf16le')],
  ['M22 UTF-16BE', utf16be(SAFE)],
  ['M22 UTF-16BE with a mark', utf16be(`\ufeff${SAFE}`)],
  ['M22 UTF-32LE', Buffer.concat([...SAFE].map((char) => Buffer.from([char.charCodeAt(0), 0, 0, 0])))],
  ['M22 Latin-1', Buffer.from(call('{"name":"caf\u00e9"}'), 'latin1')],
  ['M23 byte order mark', Buffer.concat([mark, Buffer.from(SAFE)])],
  ['M23 two marks', Buffer.concat([mark, mark, Buffer.from(SAFE)])],
  ['M24 0xFF in a name', Buffer.from(call('{"name":"da\u00ffnger"}'), 'latin1')],
  ['M24 overlong slash', Buffer.from(SAFE.replace('/', '\u00c0\u00af'), 'latin1')],
  [
    'M24 CESU-8',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from('eda081edb080', 'hex'), Buffer.from('"}')]),
  ],
]

test.each(encodings)('%s is unreadable', (_, body) => expect(check(body)).toBe('body_unreadable'))

const lenient: readonly string[] = [
  '',
  ' ',
  '{',
  '}',
  'nul',
  'NaN',
  'Infinity',
  '-Infinity',
  'undefined',
  'True',
  '+AHQ-',
  'payload=%7B%7D',
  '--x\r\ncontent-type: application/json\r\n\r\n{}',
  `${SAFE}x`,
  `${SAFE}${SAFE}`,
  `${SAFE}\n${SAFE}`,
  `\f${SAFE}`,
  `\v${SAFE}`,
  `\u00a0${SAFE}`,
  `\u2028${SAFE}`,
  `\0${SAFE}`,
  `${SAFE}\0`,
  `//c\n${SAFE}`,
  `/*c*/${SAFE}`,
  `)]}'\n${SAFE}`,
  SAFE.replaceAll('"', "'"),
  SAFE.replace('}}', ',}}'),
  SAFE.replace('1,', '01,'),
  SAFE.replace('1,', '1.,'),
  SAFE.replace('1,', '.5,'),
  SAFE.replace('1,', '+1,'),
  SAFE.replace('1,', '0x1,'),
  SAFE.replace('1,', '1e,'),
  SAFE.replace('1,', '1e+,'),
  SAFE.replace('1,', '-,'),
  SAFE.replace('1,', 'NaN,'),
  SAFE.replace('1,', ',,'),
  SAFE.replace('"safe"', '"sa\tfe"'),
  SAFE.replace('"safe"', '"sa\\xfe"'),
  SAFE.replace('"safe"', '"\\u12g4"'),
  SAFE.replace('"safe"', '"\\u12"'),
  SAFE.replace('"safe"', '"safe'),
  SAFE.replace('"safe"', '"\\'),
  SAFE.replace('"id":1', 'id:1'),
  SAFE.replace('"id":1', '"id" 1'),
  SAFE.replace('"id":1', '"id"::1'),
  SAFE.replace('"id":1,', '"id":1;'),
  SAFE.replace('"id":1', '[]:1'),
  SAFE.replace('{"name"', '{,"name"'),
  '[1,]',
  '[,1]',
  '[1 2]',
  '[1}',
  '{"a":1]',
  '{"a"}',
  '{"a":}',
  '{1:2}',
]

test.each(lenient)('M25 M26 M27 %j is unreadable', (body) => expect(check(body)).toBe('body_unreadable'))

test('M26 JSON inside a string is no message', () => {
  expect(check(JSON.stringify(SAFE))).toBe('message_invalid')
})

test.each([
  ['arrays', call(`{"name":"a","arguments":${'['.repeat(100_000)}`)],
  ['objects', call(`{"name":"a","arguments":${'{"a":'.repeat(100_000)}`)],
  ['65 levels', call(`{"name":"a","arguments":${'['.repeat(63)}${']'.repeat(63)}}`)],
])('M31 %s are too deep', (_, body) => expect(check(body)).toBe('body_unreadable'))

test('M31 64 levels are not', () => {
  expect(check(call(`{"name":"a","arguments":${'['.repeat(62)}${']'.repeat(62)}}`))).toBe('ok')
})

test('M32 index-like names are read, as many as there may be, and one repeated among them is found', () => {
  const names = Array.from({ length: 32_000 }, (_, index) => `"${index}":0`).join(',')
  expect(check(call(`{"name":"a","arguments":{${names}}}`))).toBe('ok')
  expect(check(call(`{"name":"a","arguments":{${names},"77":0}}`))).toBe('body_unreadable')
})

test('M30 a method after four megabytes of padding is still read', () => {
  const result = readMessage(Buffer.from(`{${' '.repeat(4 << 20)}${SAFE.slice(1)}`), LEGACY)
  expect(result.ok && result.value.calls[0]?.targets).toEqual([{ kind: 'tool', name: 'safe' }])
})
