// M rows over the wire: what the strict reader or the policy refuses has an exact answer, and the upstream sees
// zero bytes of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLAIM, claimed } from '../mcp/bodies.ts'
import { aimAt, JSON_TYPE } from '../support/attack.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

/** Sends the bytes with a good token; the answer must come from the gateway alone. */
async function check(body: string | Buffer, headers: readonly string[] = []): Promise<string> {
  const before = gateway.upstream.received.length
  const bytes = Buffer.from(body as string)
  const lines = headers.map((line) => `${line}\r\n`).join('')
  const head = `POST /mcp/a HTTP/1.1\r\n${aimAt(gateway).head}${JSON_TYPE}Content-Length: ${bytes.length}\r\n`
  const message = Buffer.concat([Buffer.from(`${head}${lines}\r\n`, 'latin1'), bytes])
  const [answer] = await overWire(gateway.origin, message, 1)
  expect(gateway.upstream.received.length).toBe(before)
  const { error } = JSON.parse(answer?.body ?? '{}') as { error?: { code: number } }
  return `${answer?.status} ${error?.code}`
}

const PARSE = '400 -32700'
const SHAPE = '400 -32600'
const PARAMS = '400 -32602'
const DENIED = '403 403'
const UNKNOWN = '200 -32601'
const MISMATCH = '400 -32020'

function request(method: string, params?: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`
}
const call = (params: string) => request('tools/call', params)
const SAFE = call('{"name":"safe"}')
const DANGER = call('{"name":"danger"}')

const bodies: readonly (readonly [string, string | Buffer, string])[] = [
  ['M01 name twice', call('{"name":"safe","name":"danger"}'), PARSE],
  ['M02 name twice by an escape', call('{"name":"safe","n\\u0061me":"danger"}'), PARSE],
  ['M03 params twice', `{"params":{"name":"danger"},${SAFE.slice(1)}`, PARSE],
  ['M03 id twice', `{"id":2,${SAFE.slice(1)}`, PARSE],
  ['M04 Name beside name', call('{"name":"safe","Name":"danger"}'), SHAPE],
  ['M05 long s', `{"param\u017f":{"name":"danger"},${SAFE.slice(1)}`, SHAPE],
  ['M06 NUL in a name', call('{"name":"safe","name\\u0000":"danger"}'), PARSE],
  ['M07 only variants', '{"jsonrpc":"2.0","id":1,"Method":"tools/call","Params":{"Name":"danger"}}', SHAPE],
  ...['danger ', 'danger\u00a0', 'dan\u200bger', 'DANGER', '\uff44anger'].map(
    (name) => [`M08 ${JSON.stringify(name)}`, call(JSON.stringify({ name })), DENIED] as const,
  ),
  ['M08 NUL in the name', call('{"name":"danger\\u0000"}'), PARAMS],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map(
    (name) => [`M09 ${name}`, call(`{"name":"${name}"}`), DENIED] as const,
  ),
  ...['["danger"]', '{"toString":1}', '1', 'true', 'null'].map(
    (name) => [`M10 the name ${name}`, call(`{"name":${name}}`), PARAMS] as const,
  ),
  ...['["danger",{}]', '"danger"', 'null'].map(
    (params) => [`M11 the params ${params}`, call(params), PARAMS] as const,
  ),
  ['M11 no params', request('tools/call'), PARAMS],
  ['M12 a list as method', '{"jsonrpc":"2.0","id":1,"method":["tools/call"]}', SHAPE],
  ['M12 upper case', request('TOOLS/CALL', '{"name":"danger"}'), UNKNOWN],
  ['M12 a space', request('tools/call ', '{"name":"danger"}'), UNKNOWN],
  ['M12 an escaped solidus is enforced', request('tools\\/call', '{"name":"forbidden"}'), DENIED],
  ['M13 x/y', request('x/y', '{"name":"danger"}'), UNKNOWN],
  ['M14 prompts/get', request('prompts/get', '{"name":"hidden"}'), DENIED],
  ['M14 resources/read', request('resources/read', '{"uri":"file:///secret"}'), DENIED],
  ['M14 resources/subscribe', request('resources/subscribe', '{"uri":"file:///secret"}'), DENIED],
  ['M14 tasks/list', request('tasks/list', '{}'), UNKNOWN],
  [
    'M15 a hidden prompt',
    request('completion/complete', '{"ref":{"type":"ref/prompt","name":"hidden"}}'),
    DENIED,
  ],
  [
    'M15 a hidden template',
    request('completion/complete', '{"ref":{"type":"ref/resource","uri":"file:///secret/{id}"}}'),
    DENIED,
  ],
  [
    'M17 a denied call beside a list',
    `[${request('tools/list')},${call('{"name":"forbidden"}')}]`,
    '403 403',
  ],
  ['M17 a lacking scope in the second place', `[${SAFE},${DANGER}]`, '403 403'],
  ['M17 nothing', '[]', SHAPE],
  ['M17 nested', `[[${SAFE}]]`, SHAPE],
  ['M17 with junk', `["x",1,null,${SAFE}]`, SHAPE],
  ['M18 a call without an id', DANGER.replace('"id":1,', ''), DENIED],
  ['M18 id null', SAFE.replace('"id":1', '"id":null'), SHAPE],
  ['M19 method and result', `{"result":{},${SAFE.slice(1)}`, SHAPE],
  ['M20 no jsonrpc', SAFE.replace('"jsonrpc":"2.0",', ''), SHAPE],
  ['M20 1.0', SAFE.replace('"2.0"', '"1.0"'), SHAPE],
  ['M21 a list as id', SAFE.replace('"id":1', '"id":[1]'), SHAPE],
  ['M22 UTF-16LE', Buffer.from(SAFE, 'utf16le'), PARSE],
  ['M22 UTF-16BE', Buffer.from(SAFE, 'utf16le').swap16(), PARSE],
  ['M22 Latin-1', Buffer.from(call('{"name":"caf\u00e9"}'), 'latin1'), PARSE],
  ['M23 a byte order mark', `\ufeff${SAFE}`, PARSE],
  ['M24 an overlong solidus', Buffer.from(SAFE.replace('/', '\u00c0\u00af'), 'latin1'), PARSE],
  ['M25 a form', 'payload=%7B%22method%22%3A%22tools%2Fcall%22%7D', PARSE],
  ['M26 NaN', call('{"name":"safe","arguments":{"a":NaN}}'), PARSE],
  ['M26 a comment', `/* */${SAFE}`, PARSE],
  ['M26 two messages', `${SAFE}\n${DANGER}`, PARSE],
  ['M26 a string of JSON', JSON.stringify(SAFE), SHAPE],
  ['M27 no JSON at all', 'danger', PARSE],
  ['M27 nothing', '', PARSE],
  ['M31 deep', call(`{"name":"safe","arguments":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), PARSE],
  ['M46 an argument twice', call('{"name":"safe","arguments":{"path":"/a","path":"/b"}}'), PARSE],
  ['M48 a tool that no list shows', call('{"name":"forbidden"}'), DENIED],
  ...['backend__danger', 'danger@v2', 'server.danger', './danger', 'safe/../danger'].map(
    (name) => [`M49 ${name}`, call(`{"name":"${name}"}`), DENIED] as const,
  ),
  ...[
    'file:///pub/../secret',
    'file:///pub/%2e%2e/secret',
    'FILE:///pub/x',
    'file:/pub/x',
    'file:///pub\\\\..\\\\secret',
    'file:///pub/%2fsecret',
    'file:///PUB/x',
  ].map((uri) => [`M52 ${uri}`, request('resources/read', `{"uri":"${uri}"}`), DENIED] as const),
]

test.each(bodies)('%s', async (_, body, expected) => expect(await check(body)).toBe(expected))

const V = 'MCP-Protocol-Version: 2026-07-28'
const METHOD = 'Mcp-Method: tools/call'
const safe = claimed('tools/call', '"name":"safe"')
const danger = claimed('tools/call', '"name":"danger"')

const mirrored: readonly (readonly [string, string, readonly string[], string])[] = [
  ['M34 another name', danger, [V, METHOD, 'Mcp-Name: safe'], MISMATCH],
  ['M34 another method', danger, [V, 'Mcp-Method: tools/list'], MISMATCH],
  ['M35 no version', safe, [METHOD, 'Mcp-Name: safe'], MISMATCH],
  ['M35 no method', safe, [V, 'Mcp-Name: safe'], MISMATCH],
  ['M35 no name', safe, [V, METHOD], MISMATCH],
  ['M36 version twice', safe, [V, V, METHOD, 'Mcp-Name: safe'], MISMATCH],
  ['M36 another version', safe, ['MCP-Protocol-Version: 2025-11-25', METHOD, 'Mcp-Name: safe'], MISMATCH],
  ['M36 a version of no revision', SAFE, ['MCP-Protocol-Version: 2099-01-01'], '400 -32022'],
  ['M37 a modern body behind an old header', danger, ['MCP-Protocol-Version: 2025-03-26'], MISMATCH],
  ['M37 an old body is judged by its body', DANGER, [METHOD, 'Mcp-Name: safe'], DENIED],
  ['M38 the sentinel of another name', safe, [V, METHOD, 'Mcp-Name: =?base64?ZGFuZ2Vy?='], MISMATCH],
  [
    'M39 no padding',
    claimed('tools/call', '"name":"Hello"'),
    [V, METHOD, 'Mcp-Name: =?base64?SGVsbG8?='],
    MISMATCH,
  ],
  [
    'M39 junk inside',
    claimed('tools/call', '"name":"Hello"'),
    [V, METHOD, 'Mcp-Name: =?base64?SGVs!!!bG8=?='],
    MISMATCH,
  ],
  ['M40 two lines', safe, [V, METHOD, 'Mcp-Name: safe', 'Mcp-Name: danger'], MISMATCH],
  ['M40 two in one line', safe, [V, METHOD, 'Mcp-Name: safe, danger'], MISMATCH],
  ['M41 another case', safe, [V, METHOD, 'Mcp-Name: SAFE'], MISMATCH],
  ['M13 T26-08 unknown', claimed('x/y'), [V, 'Mcp-Method: x/y'], '404 -32601'],
  [
    'M16 forbidden URIs',
    listen('file:///etc/passwd', 'file:///secret'),
    [V, 'Mcp-Method: subscriptions/listen'],
    DENIED,
  ],
  ['M19 a response', '{"jsonrpc":"2.0","id":1,"result":{}}', [V], SHAPE],
  ['M17 a batch', `[${safe}]`, [V], SHAPE],
]

function listen(...uris: string[]): string {
  return claimed('subscriptions/listen', `"notifications":{"resourceSubscriptions":${JSON.stringify(uris)}}`)
}

test.each(mirrored)('%s', async (_, body, headers, expected) =>
  expect(await check(body, headers)).toBe(expected),
)

/** What an allowed call looks like at the upstream: the same bytes. */
async function arrives(body: string, headers: readonly string[]): Promise<void> {
  const before = gateway.upstream.received.length
  const pairs = headers.map((line) => line.split(': ') as [string, string])
  const response = await gateway.post(body, Object.fromEntries(pairs))
  expect(response.status).toBe(200)
  expect(gateway.upstream.received.slice(before).map((seen) => seen.body.toString())).toEqual([body])
}

test.each([
  ['M21 a large id', SAFE.replace('"id":1', '"id":9007199254740993'), []],
  ['M21 a fraction', SAFE.replace('"id":1', '"id":1.0'), []],
  [
    'M47 white space, an order and escapes of its own',
    `\t{ "params" : {"arguments":{"n":1e400,"s":"\\/\\u0041"}, "n\\u0061me":"safe"},\r\n"method":"tools\\/call","id":1 ,"jsonrpc":"2.0"}\n`,
    [],
  ],
  ['M12 an escaped method', request('\\u0074ools/call', '{"name":"safe"}'), []],
  ['M38 a sentinel', safe, [V, METHOD, 'Mcp-Name: =?base64?c2FmZQ==?=']],
  ['M41 white space around', safe, [V, METHOD, 'Mcp-Name:   safe  ']],
  [
    'M42 a parameter header is the upstream’s',
    safe,
    [V, METHOD, 'Mcp-Name: safe', 'Mcp-Param-Region: us-west1'],
  ],
  [
    'M53 large arguments',
    request('prompts/get', `{"name":"open","arguments":{"a":"${'x'.repeat(1_000_000)}"}}`),
    [],
  ],
] as const)('%s reaches the upstream as it was sent', (_, body, headers) => arrives(body, headers))

test('M43 M45 nothing in the body or in a parameter header makes an identity', async () => {
  const meta = CLAIM.replace('{', '{"x-mcp-subject":"root","scopes":["admin"],')
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe",${meta}}}`
  await arrives(body, [V, METHOD, 'Mcp-Name: safe', 'Mcp-Param-Subject: root'])
  expect(gateway.upstream.received.at(-1)?.headers).toMatchObject({
    'x-mcp-subject': 'user-1',
    'x-mcp-scopes': 'a',
    'mcp-param-subject': 'root',
  })
})

test('M64 a retry with an answer is judged as a call of its own', async () => {
  const retry = claimed('tools/call', '"name":"danger","requestState":"s","inputResponses":{"a":{}}')
  expect(await check(retry, [V, METHOD, 'Mcp-Name: danger'])).toBe(DENIED)
})
