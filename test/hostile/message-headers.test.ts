// M rows about the headers that mirror a 2026-07-28 body.
import { expect, test } from 'vitest'
import { type McpHeaders, readMessage } from '../../src/mcp/message.ts'
import { decodeMirrored } from '../../src/mcp/standard-headers.ts'
import { CLAIM, claimed, LEGACY, modern, NONE } from '../mcp/bodies.ts'

function check(body: string, headers: McpHeaders): string {
  const result = readMessage(Buffer.from(body), headers)
  return result.ok ? 'ok' : result.refusal.reason
}

const danger = claimed('tools/call', '"name":"danger"')
const safe = claimed('tools/call', '"name":"safe"')
const legacy = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"danger"}}'
const note = `{"jsonrpc":"2.0","method":"notifications/x","params":{${CLAIM}}}`
const V = ['2026-07-28']

const rows: readonly (readonly [string, string, McpHeaders, string])[] = [
  ['agreement', danger, modern('tools/call', 'danger'), 'ok'],
  ['M34 name', danger, modern('tools/call', 'safe'), 'header_mismatch'],
  ['M34 method', danger, modern('tools/list', 'danger'), 'header_mismatch'],
  ['M34 prompt', claimed('prompts/get', '"name":"p"'), modern('prompts/get', 'q'), 'header_mismatch'],
  [
    'M34 uri',
    claimed('resources/read', '"uri":"file:///a"'),
    modern('resources/read', 'file:///b'),
    'header_mismatch',
  ],
  ['M35 no version', danger, { version: [], method: ['tools/call'], name: ['danger'] }, 'header_mismatch'],
  ['M35 no method', danger, { version: V, method: [], name: ['danger'] }, 'header_mismatch'],
  ['M35 no name', danger, modern('tools/call'), 'header_mismatch'],
  ['M35 no name where none is due', claimed('tools/list'), modern('tools/list'), 'ok'],
  ['T26-10 off the table a name is not judged', claimed('tools/list'), modern('tools/list', 'x'), 'ok'],
  [
    'M36 version twice',
    danger,
    { version: [...V, ...V], method: ['tools/call'], name: ['danger'] },
    'header_mismatch',
  ],
  [
    'M36 version twice on legacy',
    legacy,
    { ...LEGACY, version: ['2025-11-25', '2026-07-28'] },
    'header_mismatch',
  ],
  [
    'M36 unknown version',
    danger.replace('2026-07-28', '2099-01-01'),
    { ...modern('tools/call', 'danger'), version: ['2099-01-01'] },
    'version_unsupported',
  ],
  [
    'M37 modern body, legacy header',
    danger,
    { ...modern('tools/call', 'safe'), version: ['2025-03-26'] },
    'header_mismatch',
  ],
  ['M37 modern body, no headers', danger, NONE, 'header_mismatch'],
  [
    'M37 legacy body is not judged by them',
    legacy,
    { ...LEGACY, method: ['tools/list'], name: ['safe'] },
    'ok',
  ],
  ['M38 sentinel', danger, modern('tools/call', '=?base64?ZGFuZ2Vy?='), 'ok'],
  ['M38 sentinel of another name', safe, modern('tools/call', '=?base64?ZGFuZ2Vy?='), 'header_mismatch'],
  ['M39 bad sentinel', danger, modern('tools/call', '=?base64?ZGFuZ2Vy'), 'header_mismatch'],
  [
    'M40 method twice',
    danger,
    { version: V, method: ['tools/call', 'tools/call'], name: ['danger'] },
    'header_mismatch',
  ],
  ['M40 name twice', danger, modern('tools/call', 'danger', 'danger'), 'header_mismatch'],
  ['M40 two names in one line', danger, modern('tools/call', 'safe, danger'), 'header_mismatch'],
  ['M41 space around', safe, modern('tools/call', ' \t safe  '), 'ok'],
  [
    'M41 space around the others',
    safe,
    { version: [' 2026-07-28 '], method: ['\ttools/call '], name: ['safe'] },
    'ok',
  ],
  ['M41 no-break space is no space', safe, modern('tools/call', '\u00a0safe'), 'header_mismatch'],
  ['M41 case of the name', safe, modern('tools/call', 'SAFE'), 'header_mismatch'],
  [
    'T26-12 case of the method',
    safe,
    { version: V, method: ['TOOLS/CALL'], name: ['safe'] },
    'header_mismatch',
  ],
  [
    'M10 a name that is no string is bad params',
    claimed('tools/call', '"name":1'),
    modern('tools/call', 'x'),
    'params_invalid',
  ],
  ['M10 so is a missing one', claimed('tools/call'), modern('tools/call'), 'params_invalid'],
  ['S13 task agrees', claimed('tasks/get', '"taskId":"t"'), modern('tasks/get', 't'), 'ok'],
  ['S13 another task', claimed('tasks/get', '"taskId":"t"'), modern('tasks/get', 'u'), 'header_mismatch'],
  ['S13 no task', claimed('tasks/cancel', '"taskId":"t"'), modern('tasks/cancel'), 'header_mismatch'],
  ['a notification needs no headers', note, NONE, 'ok'],
  [
    'a notification must agree with those it has',
    note,
    { version: V, method: ['tools/call'], name: [] },
    'header_mismatch',
  ],
  [
    'M18 a call as notification with another name',
    danger.replace('"id":1,', ''),
    modern('tools/call', 'safe'),
    'header_mismatch',
  ],
  ['SDK probe', claimed('server/discover'), modern('server/discover'), 'ok'],
  [
    'R6 capabilities missing',
    danger.replace('clientCapabilities":{}', 'clientInfo":{}'),
    modern('tools/call', 'danger'),
    'params_invalid',
  ],
  [
    'R6 capabilities not an object',
    danger.replace('clientCapabilities":{}', 'clientCapabilities":[]'),
    modern('tools/call', 'danger'),
    'params_invalid',
  ],
  [
    'M42 M43 M45 what else _meta says is not read',
    safe.replace('"_meta":{', '"_meta":{"x-mcp-subject":"root","traceparent":1,'),
    modern('tools/call', 'safe'),
    'ok',
  ],
]

test.each(rows)('%s', (_, body, headers, expected) => expect(check(body, headers)).toBe(expected))

const vectors: readonly (readonly [string, string | undefined])[] = [
  ['us-west1', 'us-west1'],
  ['=?base64?SGVsbG8=?=', 'Hello'],
  ['=?base64?SGVsbG8?=', undefined],
  ['=?base64?SGVs!!!bG8=?=', undefined],
  ['=?base64?SGVsbG8=\n?=', undefined],
  ['=?base64?SGVsbG9=?=', undefined],
  ['=?base64?SGVsbG8==?=', undefined],
  ['=?base64?SGVs bG8=?=', undefined],
  ['=?base64?SGVs-_8=?=', undefined],
  ['=?base64?/w==?=', undefined],
  ['=?base64??=', ''],
  ['=?base64?=', '=?base64?='],
  ['=?BASE64?SGVsbG8=?=', '=?BASE64?SGVsbG8=?='],
  ['=?base64?SGVsbG8=', '=?base64?SGVsbG8='],
  ['SGVsbG8=?=', 'SGVsbG8=?='],
  ['=?base64?5pel5pys?=', '日本'],
  ['=?base64?PT9iYXNlNjQ/U0dWc2JHOD0/PQ==?=', '=?base64?SGVsbG8=?='],
  ['caf\u00e9', undefined],
  ['a\u0000b', undefined],
]

test.each(vectors)('M38 M39 %j means %j', (value, expected) => expect(decodeMirrored(value)).toBe(expected))

test('R6 R5 what is told names keys and headers, never a value', () => {
  const result = readMessage(
    Buffer.from(danger.replace('clientCapabilities', 'clientInfo')),
    modern('tools/call', 'danger'),
  )
  expect(result).toEqual({
    ok: false,
    id: expect.any(String),
    refusal: { reason: 'params_invalid', detail: '_meta lacks io.modelcontextprotocol/clientCapabilities' },
  })
})
