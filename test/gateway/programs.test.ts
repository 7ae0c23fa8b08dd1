// A route whose server is a program: sessions, what reaches the program and what comes back, over real sockets and pipes.
import { afterEach, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import {
  beginSession,
  isThere,
  messagesIn,
  startPrograms,
  textOf,
  toolMessage,
} from '../support/program/client.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

test('each session has a program of its own, which ends with it', async () => {
  gateway = await startPrograms()
  const [one, two] = [await beginSession(gateway), await beginSession(gateway)]
  const [first, second] = [Number(await one.call('pid')), Number(await two.call('pid'))]
  expect(first).not.toBe(second)
  expect(Number(await one.call('pid'))).toBe(first)
  expect((await one.end()).status).toBe(200)
  await expect.poll(() => isThere(first)).toBe(false)
  expect(await one.post(toolMessage('pid'))).toMatchObject({ status: 404 }) // session_unknown
  expect(isThere(second)).toBe(true)
  await gateway.close()
  expect(isThere(second)).toBe(false)
})

test('somebody else’s session is 404, also with its very id', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway, 'ada')
  const authorization = `Bearer ${gateway.token('a', { sub: 'eve' })}`
  expect((await session.post(toolMessage('pid'), { authorization })).status).toBe(404)
})

test('a request without a session is 400 before 2026-07-28', async () => {
  gateway = await startPrograms()
  const answer = await gateway.post(toolMessage('pid', {}, 7))
  expect([answer.status, await answer.json()]).toMatchObject([400, { id: 7, error: { code: -32600 } }])
})

test('the line holds the bytes of the client, but for ids, and for what ends a line', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  await session.post(
    '{ "jsonrpc":"2.0",\r\n"id" : "ä-1","method":"tools/call","params":{"name":"pid","_meta":{"progressToken":"p"},"arguments":{"n":1.00e2,\r"x":"a\u2028b\u2029c\u0085d\\n","é":12345678901234567890}}}',
  )
  const lines = JSON.parse(await session.call('lines')) as string[]
  expect(lines[2]).toBe(
    '{ "jsonrpc":"2.0",  "id" : 2,"method":"tools/call","params":{"name":"pid","_meta":{"progressToken":2},"arguments":{"n":1.00e2, "x":"a\\u2028b\\u2029c\\u0085d\\n","é":12345678901234567890}}}',
  )
})

test.each(['\r', '\n', '\r\n'])(
  'a message between %j inside arguments stays a part of its line',
  async (end) => {
    gateway = await startPrograms()
    const session = await beginSession(gateway)
    const hidden = '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"die"}}'
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pid","arguments":{"a":${end}${hidden}${end}}}}`
    await session.post(body)
    const lines = JSON.parse(await session.call('lines')) as string[]
    expect(lines).toHaveLength(4)
    expect(lines[2]).toContain(hidden)
  },
)

test('ids of any form come back as they were sent', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  for (const id of ['7', '"seven"', '-1', '1e2', '"\\u0061"']) {
    const answer = await session.post(
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"value":"v"}}}`,
    )
    expect(await answer.text()).toContain(`"id":${id},`)
  }
})

test('progress and then the answer come as events, with the client’s own token', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const answer = await session.post(toolMessage('progress', { value: 'v' }, 5, { progressToken: 'mine' }))
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(messagesIn(await answer.text())).toMatchObject([
    { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } },
    { method: 'notifications/progress', params: { progressToken: 'mine', progress: 2 } },
    { id: 5, result: {} },
  ])
})

test('what belongs to no call is heard on the stream of the session, or beside a call, or when the stream opens', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const beside = await session.post(toolMessage('log', { value: 'beside' }))
  expect(messagesIn(await beside.text())).toMatchObject([{ params: { data: 'beside' } }, { id: 1 }])
  const stream = await session.listen()
  expect(await session.call('log', { value: 'heard' })).toBe('logged')
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!heard.includes('"heard"')) heard += (await reader?.read())?.value ?? ''
  expect(messagesIn(heard)).toMatchObject([{ method: 'notifications/message', params: { data: 'heard' } }])
  await reader?.cancel()
})

test('a request of the program reaches the client, and its answer the program, once', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const answer = await session.post(toolMessage('sample', { value: 'v' }))
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!heard.includes('sampling/createMessage')) heard += (await reader?.read())?.value ?? ''
  const response = { jsonrpc: '2.0', id: 'ask-1', result: { said: 'yes' } }
  expect((await session.post(response)).status).toBe(202)
  expect((await session.post(response)).status).toBe(202) // nobody asked twice
  while (!heard.includes('"id":1')) heard += (await reader?.read())?.value ?? ''
  expect(heard).toContain('yes')
  const lines = JSON.parse(await session.call('lines')) as string[]
  expect(lines.filter((line) => line.includes('ask-1'))).toHaveLength(1)
})

test('a cancelled call is cancelled under the number that the program knows, and an unknown one not at all', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const hung = session.post(toolMessage('hang', {}, 'h')).catch(() => undefined)
  await expect.poll(async () => JSON.parse(await session.call('lines'))).toHaveLength(4)
  const cancel = (requestId: unknown) => ({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId },
  })
  await session.post(cancel('other'))
  await session.post(cancel(2))
  await session.post(cancel('h'))
  const lines = JSON.parse(await session.call('lines')) as string[]
  expect(lines.filter((line) => line.includes('cancelled'))).toEqual([
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}',
  ])
  await hung // its answer says that there is none
})

test('a member that another reader could take for an id is refused', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const cancels = (params: object) =>
    session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
  expect((await cancels({ requestId: 1, RequestId: 2 })).status).toBe(400)
  expect((await cancels({ requestId: 1, request_id: 2 })).status).toBe(400)
  const twice = toolMessage('pid', {}, 1, { progressToken: 1, progress_token: 2 })
  expect((await session.post(twice)).status).toBe(400)
})

test('a batch of 2025-03-26 becomes a line for each message, and its answers come together', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const batch = [toolMessage('echo', { value: 'a' }, 1), toolMessage('echo', { value: 'b' }, 2)]
  const answer = await session.post(batch, { 'mcp-protocol-version': '2025-03-26' })
  expect(await answer.json()).toMatchObject([{ id: 1 }, { id: 2 }])
})

test('upstream_ended: a program that dies ends its calls and its session, and the next session has another', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const answer = await session.post(toolMessage('die', {}, 'd'))
  expect([answer.status, await answer.json()]).toEqual([
    502,
    { jsonrpc: '2.0', id: 'd', error: { code: -32603, message: 'The MCP server ended before it answered' } },
  ])
  expect((await session.post(toolMessage('pid'))).status).toBe(404)
  await expect
    .poll(async () => (await beginSession(gateway).catch(() => undefined))?.id, { timeout: 10_000 })
    .toBeDefined()
})

test('a program that dies in the middle of an answer ends it with an error', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const hung = session.post(toolMessage('sample', { value: 'v' }, 's'))
  const answer = await hung
  await session.post(toolMessage('die')).catch(() => undefined)
  expect(messagesIn(await answer.text()).at(-1)).toEqual({
    jsonrpc: '2.0',
    id: 's',
    error: { code: -32603, message: 'The MCP server ended before it answered' },
  })
})

test('lines that are no messages harm nothing, and are in the log', async () => {
  gateway = await startPrograms('env: { KEY: swordfish }')
  const session = await beginSession(gateway)
  expect(await session.call('stray', { value: 'hello {"jsonrpc" swordfish' })).toBe('written')
  expect(await session.call('long', { bytes: 17 * 1024 * 1024 })).toBe('written')
  expect(await session.call('stderr', { value: 'a word, and swordfish' })).toBe('written')
  await expect.poll(() => gateway.log.join('')).toContain('a word, and [secret]')
  expect(gateway.log.join('')).toContain('hello {\\"jsonrpc\\" [secret]')
  expect(gateway.log.join('')).not.toContain('swordfish')
})

test('an answer that two readers could read in two ways is refused at once', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  expect((await session.post(toolMessage('twice'))).status).toBe(502)
})

test('a program that cannot be started is a 502 that says so to the operator, then it is waited', async () => {
  gateway = await startPrograms('', { program: 'command: [/nowhere/at-all]' })
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25' },
  }
  expect((await gateway.post(initialize)).status).toBe(502)
  const again = await gateway.post(initialize)
  expect([again.status, again.headers.get('retry-after')]).toEqual([503, '1'])
  await gateway.running.close(0)
  expect(gateway.audit()).toMatchObject([
    { reason: 'upstream_ended', detail: 'the program ended: ENOENT' },
    {},
  ])
})

test('policy, lists and the audit are those of any route', async () => {
  gateway = await startPrograms('', { policy: '\n      rules: [{ name: e, tools: [echo] }]' })
  const session = await beginSession(gateway)
  expect((await session.post(toolMessage('pid'))).status).toBe(403)
  const listed = await session.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  expect(JSON.stringify(await listed.json())).toMatch(/"tools":\[\{"name":"echo"[^\]]*\}\]/)
  expect(await textOf(await session.post(toolMessage('echo', { value: 'v' })))).toBe('v')
})
