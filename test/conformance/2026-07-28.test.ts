// Revision 2026-07-28 over the socket: what all share, then stateless requests and the headers that mirror them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'
import { echoResult, sendEvents, sendJson } from '../support/upstream.ts'
import { describeEveryRevision } from './every-revision.ts'
import { type Ask, ask, MODERN, toolCallOf } from './revision.ts'

describeEveryRevision(MODERN)

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())
beforeEach(() => {
  gateway.upstream.respond = echoResult
})

const SAFE = toolCallOf(MODERN)
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'

function check(message: Parameters<typeof ask>[1], how?: Ask) {
  return ask(gateway, message, how)
}

/** The call with other `_meta`, and the version header that goes with it. */
function claiming(meta: object, version = '2026-07-28') {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'safe', _meta: meta } }
  return { body, headers: { ...SAFE.headers, 'mcp-protocol-version': version } }
}

function without(...names: string[]) {
  return {
    body: SAFE.body,
    headers: Object.fromEntries(Object.entries(SAFE.headers).filter(([name]) => !names.includes(name))),
  }
}

describe('2026-07-28: the message', () => {
  test('T26-02 Accept is the upstream’s to judge', async () => {
    expect((await check(without('accept'))).status).toBe(200)
  })

  test.each([
    ['a batch', [SAFE.body]],
    ['a result', { jsonrpc: '2.0', id: 1, result: {} }],
    ['an error', { jsonrpc: '2.0', id: 1, error: { code: 1, message: '' } }],
  ])('T26-03 %s is refused', async (_, body) => {
    const { status, code, seen } = await check({ body, headers: { 'mcp-protocol-version': '2026-07-28' } })
    expect([status, code, seen]).toEqual([400, -32600, []])
  })

  test('T26-04 an accepted notification is the upstream’s 202; a refused one has no id', async () => {
    const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    const headers = { 'mcp-protocol-version': '2026-07-28' }
    const accepted = await check({ body, headers })
    expect([accepted.status, accepted.text, accepted.seen.length]).toEqual([202, '', 1])
    const refused = await check({ body, headers: { ...headers, 'mcp-method': 'tools/list' } })
    expect([refused.status, refused.code, refused.text.includes('"id"')]).toEqual([400, -32020, false])
  })

  test('T26-18 _meta needs version and capabilities, and never clientInfo', async () => {
    const lacking = await check(claiming({ [VERSION_KEY]: '2026-07-28' }))
    expect([lacking.status, lacking.code, lacking.seen]).toEqual([400, -32602, []])
    expect(lacking.text).toContain(CAPABILITIES_KEY)
    expect((await check(claiming({ [VERSION_KEY]: '2026-07-28', [CAPABILITIES_KEY]: {} }))).status).toBe(200)
  })

  test.each(['1900-01-01', '2099-01-01', '2025-11-25', 'draft'])(
    'T26-07 version %s is not supported',
    async (version) => {
      const { status, code, text, seen } = await check(
        claiming({ [VERSION_KEY]: version, [CAPABILITIES_KEY]: {} }, version),
      )
      expect([status, code, seen]).toEqual([400, -32022, []])
      const { data } = JSON.parse(text).error
      expect(data.requested).toBe(version)
      expect(data.supported).toContain('2026-07-28')
    },
  )

  test.each(['"x\\u0031"', '9007199254740993', '1.0', '-0'])(
    'T26-30 a refusal echoes the id %s as it was written',
    async (id) => {
      const text = JSON.stringify(toolCallOf(MODERN, 'forbidden').body).replace('"id":1', `"id":${id}`)
      const headers = { ...SAFE.headers, 'mcp-name': 'forbidden' }
      const answer = await gateway.post(text, headers)
      expect(await answer.text()).toContain(`{"jsonrpc":"2.0","id":${id},`)
    },
  )

  test('T26-30 an id that cannot be read is left out', async () => {
    const answer = await gateway.post('{"jsonrpc":"2.0","id":1,', SAFE.headers)
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { jsonrpc: '2.0', error: { code: -32700, message: expect.any(String) } },
    ])
  })

  test('T26-27 T26-28 a retry is judged anew, and its state passes as it is', async () => {
    const retry = { requestState: 'opaque"\u00e9', inputResponses: { a: { action: 'accept' } } }
    const { body, headers } = modern('tools/call', { name: 'safe', ...retry }, { name: 'safe', id: 2 })
    const { seen } = await check({ body, headers })
    expect(JSON.parse(String(seen[0]?.body)).params).toMatchObject(retry)
    const denied = modern('tools/call', { name: 'danger', ...retry }, { name: 'danger', id: 3 })
    expect((await check(denied)).status).toBe(403)
  })
})

describe('2026-07-28: mirrored headers', () => {
  const odd = modern('tools/call', { name: '日本 ', arguments: {} }, { name: '=?base64?5pel5pysIA==?=' })
  const other = (headers: Readonly<Record<string, string>>) => ({
    body: SAFE.body,
    headers: { ...SAFE.headers, ...headers },
  })
  const rows: readonly (readonly [string, Parameters<typeof ask>[1], number, number | undefined])[] = [
    ['T26-06 no version', without('mcp-protocol-version'), 400, -32020],
    ['T26-06 another version', other({ 'mcp-protocol-version': '2025-11-25' }), 400, -32020],
    ['T26-09 no method', without('mcp-method'), 400, -32020],
    ['T26-09 T26-11 another method', other({ 'mcp-method': 'tools/list' }), 400, -32020],
    ['T26-10 no name', without('mcp-name'), 400, -32020],
    ['T26-10 T26-11 another name', other({ 'mcp-name': 'danger' }), 400, -32020],
    ['T26-10 no task', modern('tasks/get', { taskId: 't' }), 400, -32020],
    ['T26-10 another task', modern('tasks/cancel', { taskId: 't' }, { name: 'u' }), 400, -32020],
    ['T26-11 characters of no field', other({ 'mcp-name': 'caf\u00e9' }), 400, -32020],
    [
      'T26-12 white space around',
      other({ 'mcp-name': ' \t safe ', 'mcp-method': ' tools/call' }),
      200,
      undefined,
    ],
    ['T26-12 the method in another case', other({ 'mcp-method': 'TOOLS/CALL' }), 400, -32020],
    ['T26-13 base64 of the name is decoded, and then denied by policy', odd, 403, 403],
    ['T26-13 base64 of another name', other({ 'mcp-name': '=?base64?ZGFuZ2Vy?=' }), 400, -32020],
    ['T26-13 base64 without padding', other({ 'mcp-name': '=?base64?c2FmZQ?=' }), 400, -32020],
    ['T26-13 a marker in upper case is literal', other({ 'mcp-name': '=?BASE64?c2FmZQ==?=' }), 400, -32020],
  ]
  test.each(rows)('%s', async (_, message, status, code) => {
    const answer = await check(message)
    expect([answer.status, answer.code, answer.seen.length]).toEqual([status, code, status === 200 ? 1 : 0])
  })

  test('T26-16 T26-17 what they say never opens anything: the body decides', async () => {
    const { body } = toolCallOf(MODERN, 'danger')
    const legacyBody = { ...body, params: { name: 'danger' } }
    const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'safe', 'mcp-protocol-version': '2025-11-25' }
    const { status, code, seen } = await check({ body: legacyBody, headers })
    expect([status, code, seen]).toEqual([403, 403, []])
  })
})

describe('2026-07-28: the answer', () => {
  test('T26-05 JSON and an event stream pass with their type', async () => {
    expect((await check(SAFE)).headers['content-type']).toBe('application/json')
    gateway.upstream.respond = (_request, response) =>
      sendEvents(response, ['data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'])
    const { headers, text } = await check(SAFE)
    expect([headers['content-type'], headers['x-accel-buffering']]).toEqual(['text/event-stream', 'no']) // T26-23
    expect(text).toBe('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
  })

  test.each([
    ['T26-08 ERA-06', 404, -32601, undefined],
    ['ERA-06', 400, -32020, undefined],
    ['T26-19 ERA-06', 400, -32021, { requiredCapabilities: { elicitation: {} } }],
    ['ERA-06', 400, -32022, { supported: ['2026-07-28'], requested: 'x' }],
  ])('%s an upstream’s %d with %d reaches the client byte for byte', async (_, status, code, data) => {
    const body = { jsonrpc: '2.0', id: 1, error: { code, message: 'upstream', ...(data && { data }) } }
    gateway.upstream.respond = (_request, response) => sendJson(response, status, body)
    const answer = await check(SAFE)
    expect([answer.status, answer.text]).toEqual([status, JSON.stringify(body)])
  })

  test('T26-21 no sessions and no resumption, in either direction', async () => {
    gateway.upstream.respond = (request, response) => {
      response.setHeader('mcp-session-id', 'up-1')
      echoResult(request, response)
    }
    const { headers, seen } = await check(SAFE, {
      headers: { 'mcp-session-id': 'junk', 'last-event-id': '1' },
    })
    expect(headers).not.toHaveProperty('mcp-session-id')
    expect(seen[0]?.headers).not.toHaveProperty('mcp-session-id')
    expect(seen[0]?.headers).not.toHaveProperty('last-event-id')
  })

  test.each(['GET', 'DELETE'] as const)('T26-01 %s is what a modern upstream says of it', async (method) => {
    gateway.upstream.respond = (_request, response) => void response.writeHead(405, { allow: 'POST' }).end()
    const { status, headers } = await check({}, { method })
    expect([status, headers.allow]).toEqual([405, 'POST'])
  })

  test('T26-24 ERA-05 server/discover is forwarded; without a token it is a 401', async () => {
    const result = { supportedVersions: ['2026-07-28'], capabilities: {}, instructions: 'x' }
    gateway.upstream.respond = (_request, response) =>
      sendJson(response, 200, { jsonrpc: '2.0', id: 1, result })
    expect(JSON.parse((await check(MODERN.request('server/discover'))).text).result).toEqual(result)
    const { status, seen } = await check(MODERN.request('server/discover'), { authorization: '' })
    expect([status, seen]).toEqual([401, []])
  })

  test('T26-25 nothing is put before the acknowledgement of a subscription', async () => {
    const events = [
      'data: {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged"}\n\n',
      'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
    ]
    gateway.upstream.respond = (_request, response) => sendEvents(response, events)
    const { text } = await check(
      MODERN.request('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    )
    expect(text).toBe(events.join(''))
  })

  test('T26-29 no code of ours is one that this revision retired or reserved', async () => {
    const codes = [
      (await check(toolCallOf(MODERN, 'danger'))).code,
      (await check(toolCallOf(MODERN, 'forbidden'))).code,
      (await check(MODERN.request('resources/read', { uri: 'file:///none' }, 'file:///none'))).code,
      (await check(MODERN.request('x/y'))).code,
    ]
    expect(codes).toEqual([403, 403, 403, -32601])
  })
})
