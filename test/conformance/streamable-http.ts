// Streamable HTTP with sessions: 2025-03-26, 2025-06-18 and 2025-11-25. Each revision's test runs these rules.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withoutSeals } from '../support/event-ids.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { echoResult, sendEvents, sendJson } from '../support/upstream.ts'
import { ask, type Revision, toolCallOf } from './revision.ts'

let gateway: TestGateway

export function describeSessions(revision: Revision): void {
  describe(`${revision.version}: Streamable HTTP`, () => {
    beforeAll(async () => {
      gateway = await startTestGateway()
    })
    afterAll(() => gateway.close())
    beforeEach(() => {
      gateway.upstream.respond = echoResult
    })
    describeOpening(revision)
    describeMessages(revision)
    describeBatches(revision)
  })
}

const EVENTS = { 'content-type': 'text/event-stream' }

async function begin(revision: Revision): Promise<string> {
  gateway.upstream.respond = (request, response) => {
    response.setHeader('mcp-session-id', 'up-1')
    echoResult(request, response)
  }
  const params = {
    protocolVersion: revision.version,
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  }
  const { status, headers } = await ask(gateway, revision.request('initialize', params))
  expect(status).toBe(200)
  gateway.upstream.respond = echoResult
  return String(headers['mcp-session-id'])
}

function describeOpening(revision: Revision): void {
  test('LEG-02 S03 the session id is of visible ASCII and not the upstream’s', async () => {
    const id = await begin(revision)
    expect(id).toMatch(/^[\x21-\x7e]+$/)
    expect(id).not.toContain('up-1')
  })

  test('LEG-03 LEG-09 POST, GET with Last-Event-ID and DELETE carry the session on', async () => {
    const session = { 'mcp-session-id': await begin(revision) }
    gateway.upstream.respond = (request, response) =>
      request.method === 'POST'
        ? sendEvents(response, ['id: 7\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'])
        : void response.writeHead(200, EVENTS).end()
    const version = { 'mcp-protocol-version': revision.version, ...session }
    const post = await ask(gateway, toolCallOf(revision), { headers: session })
    const resuming = { ...version, 'last-event-id': /^id: (.+)$/m.exec(post.text)?.[1] ?? '' }
    const get = await ask(gateway, {}, { method: 'GET', headers: resuming })
    const end = await ask(gateway, {}, { method: 'DELETE', headers: version })
    expect([post.status, get.status, end.status]).toEqual([200, 200, 200])
    for (const { seen } of [post, get, end]) expect(seen[0]?.headers['mcp-session-id']).toBe('up-1')
    expect(get.seen[0]?.headers['last-event-id']).toBe('7')
  })

  test.each(['POST', 'GET', 'DELETE'] as const)(
    'LEG-03 LEG-04 LEG-09 %s of a strange session is a 404',
    async (method) => {
      const headers = { 'mcp-session-id': 'strange', 'last-event-id': '1' }
      const { status, code, seen } = await ask(gateway, method === 'POST' ? toolCallOf(revision) : {}, {
        method,
        headers,
      })
      expect([status, code, seen]).toEqual([404, method === 'POST' ? -32001 : undefined, []])
    },
  )

  test.each([
    ['LEG-03 a missing session', 400, -32000],
    ['LEG-17 a second GET stream', 409, -32000],
    ['LEG-17 an ended session', 404, -32001],
    ['LEG-01 LEG-04 a method that is not offered', 405, -32000],
  ])('%s is the upstream’s %d, as it is', async (_, status, code) => {
    const body = { jsonrpc: '2.0', id: null, error: { code, message: 'upstream' } }
    const headers = { 'mcp-session-id': await begin(revision) }
    gateway.upstream.respond = (_request, response) => {
      response.setHeader('allow', 'POST')
      sendJson(response, status, body)
    }
    const answer = await ask(gateway, {}, { method: 'GET', headers })
    expect([answer.status, answer.headers.allow, JSON.parse(answer.text)]).toEqual([status, 'POST', body])
  })

  test('LEG-01 GET opens the upstream’s stream', async () => {
    gateway.upstream.respond = (_request, response) =>
      sendEvents(response, ['data: {"jsonrpc":"2.0","method":"n"}\n\n'])
    const { headers, text } = await ask(
      gateway,
      {},
      { method: 'GET', headers: { accept: 'text/event-stream' } },
    )
    expect(headers['content-type']).toBe('text/event-stream')
    expect(text).toContain('data: {"jsonrpc":"2.0","method":"n"}\n\n')
  })

  test.each(['1900-01-01', '2099-01-01', 'junk', '2025-11-25, 2025-11-25'])(
    'LEG-05 version header %s is a 400',
    async (version) => {
      const headers = { 'mcp-protocol-version': version }
      const { status, code, seen } = await ask(gateway, toolCallOf(revision), { headers })
      expect([status, code, seen]).toEqual([400, -32022, []])
    },
  )

  test('LEG-05 ERA-03 no version header at all is legacy', async () => {
    const { body } = toolCallOf(revision)
    expect((await ask(gateway, { body })).status).toBe(200)
  })
}

const relayed: readonly (readonly [string, string])[] = [
  ['LEG-08 a priming event with empty data', 'id: 1\nretry: 500\ndata: \n\n'],
  ['LEG-08 an early close', 'id: 1\ndata:\n\n'],
  [
    'STR-02 comments, line ends and lines',
    ': hi\r\n\r\nevent: message\r\ndata: {"a":1,\rdata: "b":2}\r\n\r\n',
  ],
  [
    'LEG-16 -32042',
    'data: {"jsonrpc":"2.0","id":1,"error":{"code":-32042,"message":"m","data":{"elicitations":[]}}}\n\n',
  ],
  [
    'LEG-06 a request of the server',
    'data: {"jsonrpc":"2.0","id":"s1","method":"sampling/createMessage","params":{}}\n\n',
  ],
]

function describeMessages(revision: Revision): void {
  test.each(relayed)('%s passes byte for byte, but for an id', async (_, events) => {
    const answer = events.includes('"error"') ? '' : 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
    gateway.upstream.respond = (_request, response) => sendEvents(response, [events, answer])
    const { text } = await ask(gateway, toolCallOf(revision))
    expect(withoutSeals(text)).toBe(events.replace(/^id: 1$/m, 'id: sealed') + answer)
  })

  test.each([
    ['a result', { jsonrpc: '2.0', id: 's1', result: {} }],
    ['an error', { jsonrpc: '2.0', id: 's1', error: { code: -1, message: 'no' } }],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }],
  ])('LEG-06 LEG-10 %s of the client is accepted with the upstream’s 202', async (_, body) => {
    gateway.upstream.respond = (_request, response) => void response.writeHead(202).end()
    const { status, text, seen } = await ask(gateway, { body, headers: toolCallOf(revision).headers })
    expect([status, text, seen.length]).toEqual([202, '', 1])
  })

  test('LEG-15 S11 a task is only its owner’s', async () => {
    gateway.upstream.respond = (_request, response) =>
      sendJson(response, 200, {
        jsonrpc: '2.0',
        id: 1,
        result: { task: { taskId: 't-1', status: 'working' } },
      })
    const create = revision.request('tools/call', { name: 'safe', arguments: {}, task: {} })
    expect((await ask(gateway, create)).status).toBe(200)
    gateway.upstream.respond = echoResult
    const poll = revision.request('tasks/get', { taskId: 't-1' })
    const stranger = `Bearer ${gateway.token('a', { sub: 'user-2' })}`
    const own = await ask(gateway, poll)
    const other = await ask(gateway, poll, { authorization: stranger })
    expect([own.status, own.code, own.seen.length]).toEqual([200, undefined, 1])
    expect([other.status, other.code, other.seen.length]).toEqual([200, -32602, 0])
  })
}

const PING = { jsonrpc: '2.0', id: 2, method: 'ping' }

function describeBatches(revision: Revision): void {
  const { body: safe, headers } = toolCallOf(revision)
  const batches = revision.version === '2025-03-26'

  test(`LEG-07 T26-03 a batch is ${batches ? 'taken' : 'refused'}`, async () => {
    gateway.upstream.respond = echoResult
    const { status, code, seen } = await ask(gateway, { body: [safe, PING], headers })
    expect([status, code, seen.length]).toEqual(batches ? [200, undefined, 1] : [400, -32600, 0])
  })

  test('SCP-02 lists on the GET stream and in a replay are filtered', async () => {
    const tools = '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"danger"},{"name":"safe"}]}}'
    gateway.upstream.respond = (_request, response) => sendEvents(response, [`id: 9\ndata: ${tools}\n\n`])
    for (const more of [{}, { 'last-event-id': '3' }]) {
      const { text } = await ask(
        gateway,
        {},
        { method: 'GET', headers: { accept: 'text/event-stream', ...more } },
      )
      expect(text).toContain('{"name":"safe"}')
      expect(text).not.toContain('danger')
    }
  })
  if (batches) describeBatchMembers(revision)
}

function describeBatchMembers(revision: Revision): void {
  const { body: safe, headers } = toolCallOf(revision)
  const { body: danger } = toolCallOf(revision, 'danger')
  const { body: denied } = toolCallOf(revision, 'forbidden')

  test('LEG-07 M17 each member is judged; one challenge with the union', async () => {
    const { status, headers: answer, text, seen } = await ask(gateway, { body: [safe, danger], headers })
    expect([status, seen]).toEqual([403, []])
    expect(answer['www-authenticate']).toContain('scope="a admin"')
    expect(JSON.parse(text)).not.toHaveProperty('id')
  })

  test('LEG-07 a denial that no scope cures denies all of it plainly', async () => {
    const { status, headers: answer, seen } = await ask(gateway, { body: [safe, danger, denied], headers })
    expect([status, answer['www-authenticate'], seen]).toEqual([403, undefined, []])
  })

  test('SCP-02 lists in the answer to a batch are filtered', async () => {
    gateway.upstream.respond = (_request, response) =>
      sendJson(response, 200, [
        { jsonrpc: '2.0', id: 2, result: { tools: [{ name: 'danger' }, { name: 'safe' }] } },
      ])
    const { text } = await ask(gateway, { body: [{ ...PING, method: 'tools/list' }], headers })
    expect(JSON.parse(text)).toEqual([{ jsonrpc: '2.0', id: 2, result: { tools: [{ name: 'safe' }] } }])
  })
}
