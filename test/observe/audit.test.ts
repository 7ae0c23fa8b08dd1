// The audit line of an exchange, over a whole gateway: one line for each way that a request can end.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DEFAULT_POLICY, startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { decisionsOf } from '../support/scrape.ts'
import { holdRequests, startRequest } from '../support/stream.ts'
import { echoResult, type Respond, sendEvents, sendJson } from '../support/upstream.ts'

let gateway: TestGateway
beforeAll(async () => {
  const policy = `\n      anonymous: [ping, tools/list]${DEFAULT_POLICY}`
  gateway = await startTestGateway({ auditRequired: true, policy })
})
afterAll(() => gateway.close())
beforeEach(() => {
  gateway.upstream.respond = echoResult
})

function last(): Record<string, unknown> | undefined {
  return decisionsOf(gateway).at(-1)
}

const WHO = () => ({ issuer: gateway.issuer.url, subject: 'user-1', client: 'client-1', scopes: ['a'] })
const EVERY = {
  stream: 'audit',
  event: 'decision',
  time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  generation: 1,
  policy: expect.stringMatching(/^[0-9a-f]{64}$/),
  route: 'a',
  address: '127.0.0.1',
  http_method: 'POST',
  ending: 'complete',
  duration_ms: expect.any(Number),
}
const SAFE = { method: 'tools/call', target: 'safe', rule: 'safe', decision: 'allowed' }

test('K22 an allowed call: who, what, by which rule, and how it ended', async () => {
  await (await gateway.post(toolCall('safe'), { 'x-request-id': 'theirs' })).text()
  expect(last()).toEqual({
    ...EVERY,
    ...SAFE,
    ...WHO(),
    client_request_id: 'theirs',
    status: 200,
    rpc: 'result',
  })
})

const answers: readonly (readonly [string, Respond, object])[] = [
  [
    'a tool that failed',
    (_request, response) =>
      sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { isError: true, content: [] } }),
    { status: 200, rpc: 'tool_error' },
  ],
  [
    'a JSON-RPC error',
    (_request, response) =>
      sendJson(response, 200, { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'x' } }),
    { status: 200, rpc: 'error' },
  ],
  [
    'an error with a status of its own',
    (_request, response) =>
      sendJson(response, 400, { jsonrpc: '2.0', id: 1, error: { code: -32021, message: 'x' } }),
    { status: 400, rpc: 'error' },
  ],
  [
    'a result on an event stream',
    (_request, response) =>
      sendEvents(response, [
        'data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n',
        'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
      ]),
    { status: 200, rpc: 'result' },
  ],
  [
    'a failed tool on an event stream',
    (_request, response) =>
      sendEvents(response, ['data: {"jsonrpc":"2.0","id":1,"result":{"isError":true}}\n\n']),
    { status: 200, rpc: 'tool_error' },
  ],
]

test.each(answers)('K22 %s is told apart from the HTTP status', async (_, respond, expected) => {
  gateway.upstream.respond = respond
  await (await gateway.post(toolCall('safe'))).text()
  expect(last()).toEqual({ ...EVERY, ...SAFE, ...WHO(), ...expected })
})

test('K22 a notification has no outcome', async () => {
  await gateway.post({ jsonrpc: '2.0', method: 'notifications/initialized' })
  const expected = { method: 'notifications/initialized', decision: 'allowed', status: 202 }
  expect(last()).toMatchObject({ ...EVERY, ...WHO(), ...expected })
  expect(last()).not.toHaveProperty('rpc')
  expect(last()).not.toHaveProperty('target')
})

const refused: readonly (readonly [string, () => Promise<Response>, object])[] = [
  [
    'SCP-10 a missing scope',
    () => gateway.post(toolCall('danger')),
    {
      ...{ method: 'tools/call', target: 'danger', rule: 'danger', decision: 'refused' },
      ...{ reason: 'scope_missing', missing: ['admin'], status: 403, rpc: 'error' },
    },
  ],
  [
    'a denied call',
    () => gateway.post(toolCall('forbidden')),
    {
      ...{ method: 'tools/call', target: 'forbidden', rule: 'no', decision: 'refused' },
      ...{ reason: 'call_forbidden', status: 403, rpc: 'error' },
    },
  ],
  [
    'an unreadable body',
    () => gateway.post('{'),
    {
      calls: [],
      decision: 'refused',
      reason: 'body_unreadable',
      detail: expect.any(String),
      status: 400,
      rpc: 'error',
    },
  ],
]

test.each(refused)('K22 %s', async (_, send, expected) => {
  await send()
  expect(last()).toEqual({ ...EVERY, ...WHO(), ...expected })
})

test('K22 a refused token: the operator hears which check, and whose it is, since it is genuine', async () => {
  await gateway.post(toolCall('safe'), {
    authorization: `Bearer ${gateway.token('a', { aud: 'https://x.example' })}`,
  })
  const expected = {
    decision: 'refused',
    reason: 'token_rejected',
    check: 'audience',
    status: 401,
    calls: [],
  }
  const { scopes: _notProved, ...holder } = WHO()
  expect(last()).toMatchObject({ ...EVERY, ...holder, ...expected })
  expect(last()).not.toHaveProperty('scopes')
})

test('M17 a batch: each call with its method and target', async () => {
  const batch = [toolCall('safe', 1), { jsonrpc: '2.0', id: 2, method: 'ping' }, toolCall('safe', 3)]
  await (await gateway.post(batch)).text()
  expect(last()).toMatchObject({
    ...EVERY,
    calls: [
      { method: 'tools/call', target: 'safe' },
      { method: 'ping' },
      { method: 'tools/call', target: 'safe' },
    ],
    decision: 'allowed',
  })
  expect(last()).not.toHaveProperty('method')
})

test('K22 an anonymous caller has no name', async () => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
  expect((await fetch(gateway.resource, { method: 'POST', headers, body })).status).toBe(200)
  expect(last()).toEqual({
    ...EVERY,
    method: 'ping',
    rule: 'baseline',
    decision: 'allowed',
    status: 200,
    rpc: 'result',
  })
})

test('K22 no token where one is needed: one line', async () => {
  await fetch(gateway.resource, { method: 'GET' })
  expect(last()).toMatchObject({
    http_method: 'GET',
    decision: 'refused',
    reason: 'token_missing',
    status: 401,
  })
})

test('F06 an upstream that answers with a challenge is blamed, with its status as detail', async () => {
  gateway.upstream.respond = (_request, response) =>
    void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
  await gateway.post(toolCall('safe'))
  expect(last()).toMatchObject({
    ...SAFE,
    decision: 'refused',
    reason: 'upstream_invalid',
    detail: 'status 401',
    status: 502,
  })
})

test('L40 a client that left is no fault of anybody', async () => {
  const next = holdRequests(gateway.upstream)
  const { body, headers } = callOf('modern')
  const before = decisionsOf(gateway).length
  const authorization = `Bearer ${gateway.token()}`
  const request = { method: 'POST', body, headers: { ...headers, authorization } } as const
  const started = startRequest(gateway.resource, request)
  const held = await next()
  started.leave()
  await held.closed
  await expect.poll(() => decisionsOf(gateway).length).toBe(before + 1)
  expect(last()).toMatchObject({ ...SAFE, ending: 'client_closed', status: 499 })
})

test('L40 an upstream that breaks off is on record as that', async () => {
  gateway.upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n', () => response.destroy())
  }
  const response = await gateway.post(toolCall('safe'))
  expect(await response.text()).toContain('"id":1,"error":{"code":-32603') // L70
  await expect.poll(() => last()?.['ending']).toBe('upstream_aborted')
  expect(last()).toMatchObject({ ...SAFE, status: 200, rpc: 'error' })
})

test('K22 the decision is on record before the call goes on', async () => {
  let seen: readonly Record<string, unknown>[] = []
  gateway.upstream.respond = (request, response) => {
    seen = gateway.audit().filter(({ request_id: id }) => id === request.headers['x-request-id'])
    echoResult(request, response)
  }
  await (await gateway.post(toolCall('safe'))).text()
  expect(seen).toMatchObject([{ event: 'admitted', ...SAFE }])
})
