// `Mcp-Param-*` headers mirror arguments that a tool's schema marks with `x-mcp-header` (T26-13, T26-14). Only who knows
// the schema can compare them, so they are the upstream's: they pass as they were sent, and decide nothing here.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'
import { echoResult, sendJson } from '../support/upstream.ts'
import { fieldOf, overWire } from '../support/wire.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())
beforeEach(() => {
  gateway.upstream.respond = echoResult
})

/** A call with these header lines, byte for byte; what the upstream got of them. */
async function send(lines: readonly string[], name = 'safe') {
  const { body, headers } = modern(
    'tools/call',
    { name, arguments: { region: 'us-east1', n: null } },
    { name },
  )
  const text = JSON.stringify(body)
  const usual = Object.entries({ ...headers, 'content-type': 'application/json' })
  const head = [
    'POST /mcp/a HTTP/1.1',
    `Host: ${new URL(gateway.origin).host}`,
    `Authorization: Bearer ${gateway.token()}`,
    ...usual.map(([field, value]) => `${field}: ${value}`),
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...lines,
  ]
  const before = gateway.upstream.received.length
  const [answer] = await overWire(gateway.origin, `${head.join('\r\n')}\r\n\r\n${text}`, 1)
  const seen = gateway.upstream.received.slice(before)
  const raw = seen[0]?.rawHeaders ?? []
  const passed = raw.flatMap((field, at) =>
    at % 2 === 0 && /^mcp-param-/i.test(field) ? [`${field}: ${raw[at + 1]}`] : [],
  )
  return { answer, passed, bodies: seen.map((each) => each.body.toString()), text }
}

const LINES: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ['another value than the body', ['Mcp-Param-Region: us-west1']],
  ['a value where the argument is null', ['Mcp-Param-N: 42']],
  ['a number in another form', ['Mcp-Param-N: 42.0']],
  ['an integer beyond 2^53', ['Mcp-Param-N: 9007199254740993']],
  ['base64', ['Mcp-Param-City: =?base64?TcO8bmNoZW4=?=']],
  ['base64 without padding', ['Mcp-Param-City: =?base64?TcO8bmNoZW4?=']],
  ['base64 of no UTF-8', ['Mcp-Param-City: =?base64?/w==?=']],
  ['half a marker', ['Mcp-Param-City: =?base64?TcO8bmNoZW4=']],
  ['a name with an underscore', ['Mcp-Param-tenant_id: acme']],
  ['a name of other token characters', ["mCp-PaRaM-!#$%&'*+.^`|~: x"]],
  ['two lines of one name', ['Mcp-Param-Region: a', 'Mcp-Param-Region: b']],
  ['two names that differ in case', ['Mcp-Param-Region: a', 'mcp-param-region: b']],
  ['an empty value', ['Mcp-Param-Region: ']],
]
test.each(LINES)('T26-13 T26-14 M42 %s arrives as it was sent', async (_what, lines) => {
  const { answer, passed, bodies, text } = await send(lines)
  expect(answer?.status).toBe(200)
  expect(passed).toEqual(lines.map((line) => (line.endsWith(' ') ? line : line.trim())))
  expect(bodies).toEqual([text])
})

test('T26-14 without them the call arrives all the same', async () => {
  expect(await send([])).toMatchObject({ answer: { status: 200 }, passed: [] })
})

test('T26-16 M43 they open nothing, and name nobody', async () => {
  const lines = ['Mcp-Param-Name: safe', 'Mcp-Param-Scope: admin', 'Mcp-Param-x_mcp_subject: root']
  expect(await send(lines, 'danger')).toMatchObject({ answer: { status: 403 }, bodies: [] })
  await send(lines)
  expect(gateway.upstream.received.at(-1)?.headers['x-mcp-subject']).toBe('user-1')
})

test('M44 a parameter that is named like a header of ours stays a parameter', async () => {
  const lines = [
    'Mcp-Param-Authorization: Bearer evil',
    'Mcp-Param-Host: evil',
    'Mcp-Param-X-Mcp-Subject: root',
  ]
  expect((await send(lines)).passed).toEqual(lines)
  const seen = gateway.upstream.received.at(-1)?.headers
  expect([seen?.authorization, seen?.['x-mcp-subject']]).toEqual([undefined, 'user-1'])
  const bare = `POST /mcp/a HTTP/1.1\r\nHost: ${new URL(gateway.origin).host}\r\nMcp-Param-Authorization: Bearer ${gateway.token()}\r\n\r\n`
  expect((await overWire(gateway.origin, bare, 1))[0]?.status).toBe(401)
})

test('M44 T26-15 XSI-01 a tool with an annotation that is no header name is listed as it is, or not at all', async () => {
  const property = (header: string) => ({ type: 'string', 'x-mcp-header': header })
  const properties = {
    a: property('Authorization'),
    b: property('../x'),
    c: property('a\r\nb'),
    d: property('A'),
  }
  const tools = ['safe', 'danger'].map((name) => ({ name, inputSchema: { type: 'object', properties } }))
  gateway.upstream.respond = (_request, response) =>
    sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { tools } })
  const { body, headers } = modern('tools/list')
  const listed = (await (await gateway.post(body, headers)).json()) as { result: { tools: object[] } }
  expect(listed.result.tools).toEqual(tools.slice(0, 1))
})

test('T26-14 ERA-06 what the upstream says of a mismatch reaches the client byte for byte', async () => {
  const error = { code: -32020, message: 'Header mismatch: Mcp-Param-Region' }
  gateway.upstream.respond = (_request, response) => sendJson(response, 400, { jsonrpc: '2.0', id: 1, error })
  const { answer } = await send(['Mcp-Param-Region: us-west1'])
  expect(answer?.status).toBe(400)
  expect(fieldOf(answer, 'content-type')).toBe('application/json')
  expect(answer?.body).toBe(JSON.stringify({ jsonrpc: '2.0', id: 1, error }))
})
