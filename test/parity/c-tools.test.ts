// Authorization per tool as other systems have it, row by row (C1 to C17; C3 to C6 beside the parts they are about),
// asked of a whole gateway over sockets.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type TestGateway, toolCall } from '../support/gateway.ts'
import { sendEvents, sendJson } from '../support/upstream.ts'
import { call, challengeOf, expectUnauthorized, open } from '../traps/trap.ts'

const rules = (...list: string[]) => `\n      rules:\n${list.map((rule) => `        - ${rule}\n`).join('')}`
const ask = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params })
const toolsOf = async (response: Response) =>
  ((await response.json()) as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name)

describe('C1: states of a tool', () => {
  const POLICY = rules(
    '{ tools: [scoped], scopes: [b, c] }',
    '{ tools: [public] }',
    '{ effect: deny, tools: [off] }',
  )

  test.each([
    ['scoped, held', 'scoped', 'a c', 200],
    ['scoped, missing', 'scoped', 'a', 403],
    ['public to whoever holds a token', 'public', 'a', 200],
    ['denied', 'off', 'a b c', 403],
    ['absent', 'unheard-of', 'a b c', 403],
  ])('C1 %s', async (_name, tool, scope, status) => {
    const gateway = await open({ policy: POLICY })
    expect((await call(gateway, gateway.token(scope), tool)).status).toBe(status)
  })

  test('C1 public is not anonymous', async () => {
    const gateway = await open({ policy: POLICY })
    expectUnauthorized(await gateway.post(toolCall('public'), { authorization: '' }), gateway)
  })
})

describe('C2: any and all, nested', () => {
  test.each([
    ['[b, c]', 'b', 200],
    ['[b, c]', '', 403],
    ['{ all: [b, c] }', 'b', 403],
    ['{ all: [b, c] }', 'b c', 200],
    ['[{ all: [b, c] }, d]', 'd', 200],
    ['[{ all: [b, c] }, d]', 'c', 403],
    ['{ all: [[b, c], d] }', 'c d', 200],
    ['{ all: [[b, c], d] }', 'b c', 403],
  ])('C2 %s with "%s": %d', async (scopes, held, status) => {
    const gateway = await open({ policy: rules(`{ tools: [t], scopes: ${scopes} }`) })
    expect((await call(gateway, gateway.token(`a ${held}`.trim()), 't')).status).toBe(status)
  })
})

describe('C7: lists', () => {
  const TOOLS = [{ name: 'safe', _meta: { x: 1 } }, { name: 'danger' }, { title: 'no name' }]
  const LIST = {
    jsonrpc: '2.0',
    id: 1,
    result: { tools: TOOLS, nextCursor: 'c2', ttlMs: 5, cacheScope: 'public' },
  }

  test('C7 JSON: members stay, the cursor stays, and the page is private', async () => {
    const gateway = await open()
    gateway.upstream.respond = (_request, response) => sendJson(response, 200, LIST)
    const { result } = (await (await gateway.post(ask('tools/list'))).json()) as { result: object }
    expect(result).toEqual({ tools: [TOOLS[0]], nextCursor: 'c2', ttlMs: 5, cacheScope: 'private' })
  })

  test('C7 events, in pieces', async () => {
    const gateway = await open()
    const text = `event: message\ndata: ${JSON.stringify(LIST)}\n\n`
    gateway.upstream.respond = (_request, response) =>
      sendEvents(response, [text.slice(0, 60), text.slice(60, 61), text.slice(61)])
    const shown = await (await gateway.post(ask('tools/list'))).text()
    expect(shown).toContain('safe')
    expect(shown).not.toContain('danger')
  })

  test.each([
    ['compressed', { 'content-encoding': 'gzip' }, gzipSync(JSON.stringify(LIST))],
    ['not JSON', {}, Buffer.from('tools: safe, danger')],
    ['cut short', {}, Buffer.from(JSON.stringify(LIST).slice(0, 90))],
  ])('C7 %s: nothing is shown', async (_name, headers, body) => {
    const gateway = await open()
    gateway.upstream.respond = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body)
    const response = await gateway.post(ask('tools/list'))
    expect(response.status).toBe(502)
    expect(await response.text()).not.toContain('danger')
  })
})

describe('C8: each way to use something', () => {
  const rows: readonly (readonly [string, object, number])[] = [
    ['tools/call', { name: 'safe' }, 200],
    ['tools/call', { name: 'danger' }, 403],
    ['prompts/get', { name: 'open' }, 200],
    ['prompts/get', { name: 'closed' }, 403],
    ['resources/read', { uri: 'file:///pub/a' }, 200],
    ['resources/read', { uri: 'file:///etc/a' }, 403],
    ['resources/subscribe', { uri: 'file:///etc/a' }, 403],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'closed' }, argument: { name: 'x', value: '' } },
      403,
    ],
  ]
  test.each(rows)('C8 %s %j: %d', async (method, params, status) => {
    const gateway = await open()
    expect((await gateway.post(ask(method, params))).status).toBe(status)
    expect(gateway.upstream.received.length).toBe(status === 200 ? 1 : 0)
  })
})

describe('C9: batches', () => {
  const version = { 'mcp-protocol-version': '2025-03-26' }
  const batch = (...tools: string[]) => tools.map((tool, index) => toolCall(tool, index + 1))

  test('C9 one denied call denies all of it', async () => {
    const gateway = await open()
    expect((await gateway.post(batch('safe', 'forbidden'), version)).status).toBe(403)
    expect(gateway.upstream.received).toEqual([])
  })

  test.each([['[]'], ['[[]]'], [JSON.stringify([batch('safe')])]])('C9 %s is no batch', async (body) => {
    const gateway = await open()
    expect((await gateway.post(body, version)).status).toBe(400)
  })
})

describe('C10, C11: denials', () => {
  const POLICY = rules('{ tools: [safe] }', '{ effect: deny, tools: [off], denial: in_band }')

  test.each([1, 'text', 9_007_199_254_740_993n])('C10 in-band, with the id %s', async (id) => {
    const gateway = await open({ policy: POLICY })
    const written = typeof id === 'string' ? JSON.stringify(id) : String(id)
    const body = `{"jsonrpc":"2.0","id":${written},"method":"tools/call","params":{"name":"off"}}`
    const response = await gateway.post(body)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain(`"id":${written},"error":{"code":403`)
  })

  test('C11 words that help, and none about what is held', async () => {
    const gateway = await open()
    const response = await call(gateway, gateway.token('a secret-scope'), 'danger')
    const text = await response.text()
    expect(text).toContain('admin is required')
    expect(text + challengeOf(response)).not.toContain('secret-scope')
  })
})

describe('C12, C13: the handshake and what is no POST', () => {
  test.each(['initialize', 'ping', 'server/discover'])('C12 %s with a bad token', async (method) => {
    const gateway = await open()
    expectUnauthorized(await gateway.post(ask(method), { authorization: 'Bearer bad' }), gateway)
  })

  test.each(['GET', 'DELETE'])('C13 %s needs the baseline', async (method) => {
    const gateway = await open()
    const send = (scope: string) =>
      fetch(gateway.resource, { method, headers: { authorization: `Bearer ${gateway.token(scope)}` } })
    expect((await send('other')).status).toBe(403)
    expect(gateway.upstream.received).toEqual([])
    expect((await send('a')).status).toBeLessThan(400)
  })

  test('C13 the session of somebody else', async () => {
    const gateway = await open()
    gateway.upstream.respond = (request, response) => {
      response.setHeader('mcp-session-id', 'theirs')
      sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: request.method === 'POST' ? {} : undefined })
    }
    const begun = await gateway.post(
      ask('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'c', version: '1' },
      }),
    )
    const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
    const end = (sub: string) =>
      fetch(gateway.resource, {
        method: 'DELETE',
        headers: { ...session, authorization: `Bearer ${gateway.token('a', { sub })}` },
      })
    expect((await end('somebody-else')).status).toBe(404)
    expect((await end('user-1')).status).toBe(200)
  })
})

describe('C14, C15: what cannot be understood', () => {
  test.each([
    ['not JSON', 'tools/call', -32700],
    ['no JSON-RPC', '{"a":1}', -32600],
    ['no name', JSON.stringify(ask('tools/call')), -32602],
  ])('C14 %s', async (_name, body, code) => {
    const gateway = await open()
    const response = await gateway.post(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code } })
  })

  test.each([' safe', 'safe ', 'SAFE', 'sa\u0301fe', 'safe\n'])('C15 %j is another tool', async (tool) => {
    const gateway = await open()
    expect([400, 403]).toContain((await call(gateway, gateway.token('a admin'), tool)).status)
    expect(gateway.upstream.received).toEqual([])
  })
})

describe('C16, C17: patterns and annotations', () => {
  test('C16 a pattern, with what it does not speak of', async () => {
    const gateway = await open({
      policy: rules(
        '{ tools: ["*_note"], except: [purge_note] }',
        '{ tools: [purge_note], scopes: [admin] }',
      ),
    })
    const status = async (tool: string) => (await call(gateway, gateway.token(), tool)).status
    expect([await status('add_note'), await status('purge_note'), await status('note')]).toEqual([
      200, 403, 403,
    ])
  })

  test('C17 what an upstream says of its tools opens nothing', async () => {
    const gateway = await open()
    const list = (annotations: object) => async (to: TestGateway) => {
      const tools = [{ name: 'danger', annotations }, { name: 'safe' }]
      to.upstream.respond = (_request, response) =>
        sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { tools } })
      return toolsOf(await to.post(ask('tools/list')))
    }
    expect(await list({ destructiveHint: true })(gateway)).toEqual(['safe'])
    expect(await list({ readOnlyHint: true })(gateway)).toEqual(['safe'])
    expect((await call(gateway, gateway.token(), 'danger')).status).toBe(403)
  })
})
