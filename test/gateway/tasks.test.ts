// Tasks in both eras: a task belongs to who created it, and each call on it is decided like the call that did.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { legacy, modern, type Sendable } from '../support/messages.ts'
import { echoResult, sendEvents, sendJson } from '../support/upstream.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

type Era = 'legacy' | 'modern'
type Form = 'json' | 'events' | 'pieces' | 'large' | 'large events'
const EXTENSIONS = { 'io.modelcontextprotocol/tasks': {} }
let made = 0

/** A call of `danger`, which needs the scope `admin`, as a task. */
function creating(era: Era): Sendable {
  const params = { name: 'danger', arguments: {} }
  return era === 'legacy'
    ? legacy('tools/call', { ...params, task: { ttl: 60_000 } })
    : modern('tools/call', params, { name: 'danger', extensions: EXTENSIONS })
}

function onTask(era: Era, method: string, taskId: string): Sendable {
  return era === 'legacy'
    ? legacy(method, { taskId })
    : modern(method, { taskId }, { name: taskId, extensions: EXTENSIONS })
}

function token(scope: string, claims: object = {}): string {
  return `Bearer ${gateway.token(scope, { sub: 'alice', ...claims })}`
}

async function send({ body, headers }: Sendable, authorization: string) {
  const before = gateway.upstream.received.length
  const response = await gateway.post(body, { ...headers, authorization })
  const text = await response.text()
  return { status: response.status, text, reached: gateway.upstream.received.length - before }
}

/** Makes a task with the scope `admin`; how the upstream says so is the test's choice. */
async function create(era: Era, form: Form = 'json'): Promise<string> {
  made += 1
  const taskId = `task-${made}`
  gateway.upstream.respond = (_request, response) => {
    const result = era === 'legacy' ? { task: { taskId, status: 'working' } } : { resultType: 'task', taskId }
    const pad = form.startsWith('large') ? { _meta: { pad: 'x'.repeat(200_000) } } : {}
    const answer = { jsonrpc: '2.0', id: 1, result: { ...pad, ...result } }
    if (form === 'pieces') {
      const text = JSON.stringify(answer)
      response.writeHead(200, { 'content-type': 'application/json' }).write(text.slice(0, 9))
      response.end(text.slice(9))
    } else if (form.endsWith('events'))
      sendEvents(response, [': hi\n\n', `data: ${JSON.stringify(answer)}\n\n`])
    else sendJson(response, 200, answer)
  }
  expect((await send(creating(era), token('a admin'))).status).toBe(200)
  gateway.upstream.respond = echoResult
  return taskId
}

const METHODS: readonly (readonly [Era, string])[] = [
  ['legacy', 'tasks/get'],
  ['legacy', 'tasks/result'],
  ['legacy', 'tasks/cancel'],
  ['modern', 'tasks/get'],
  ['modern', 'tasks/update'],
  ['modern', 'tasks/cancel'],
]

const NOT_FOUND = { status: 200, reached: 0 }

describe.each(METHODS)('LEG-15 XTS-01 %s %s', (era, method) => {
  test.each(['json', 'events', 'pieces', 'large', 'large events'] as const)(
    'by its owner: forwarded (told in %s)',
    async (form) => {
      const taskId = await create(era, form)
      expect(await send(onTask(era, method, taskId), token('a admin'))).toMatchObject({
        status: 200,
        reached: 1,
      })
    },
  )

  const strangers = {
    'S11 another subject': { sub: 'bob' },
    'S11 another client': { client_id: 'client-2' },
  }
  test.each(Object.entries(strangers))('%s: not found, as if it never was', async (_, claims) => {
    const taskId = await create(era)
    const stranger = await send(onTask(era, method, taskId), token('a admin', claims))
    const nobody = await send(onTask(era, method, 'no-such-task'), token('a admin', claims))
    expect(stranger).toMatchObject(NOT_FOUND)
    expect(JSON.parse(stranger.text)).toMatchObject({ id: 1, error: { code: -32602 } })
    expect(nobody).toEqual(stranger)
  })

  test('S12 the scope of the creating tool was lost: 403', async () => {
    const taskId = await create(era)
    const lost = await send(onTask(era, method, taskId), token('a'))
    expect(lost).toMatchObject({ status: 403, reached: 0 })
    expect(JSON.parse(lost.text)).toMatchObject({ error: { data: { scope: 'a admin' } } })
  })
})

test('S13 Mcp-Name that is not params.taskId: 400 and -32020', async () => {
  const [mine, other] = [await create('modern'), await create('modern')]
  const { body, headers } = onTask('modern', 'tasks/get', mine)
  const answer = await send({ body, headers: { ...headers, 'mcp-name': other } }, token('a admin'))
  expect(answer).toMatchObject({ status: 400, reached: 0 })
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code: -32020 } })
})

test('XTS-01 a client that does not declare the extension: 400 and -32021', async () => {
  const taskId = await create('modern')
  const answer = await send(modern('tasks/get', { taskId }, { name: taskId }), token('a admin'))
  expect(answer).toMatchObject({ status: 400, reached: 0 })
  expect(JSON.parse(answer.text)).toMatchObject({
    error: { code: -32021, data: { requiredCapabilities: { extensions: EXTENSIONS } } },
  })
})

test.each(['tasks/result', 'tasks/list'])('XTS-01 %s is gone in 2026-07-28', async (method) => {
  const taskId = await create('modern')
  const answer = await send(onTask('modern', method, taskId), token('a admin'))
  expect(answer).toMatchObject({ status: 404, reached: 0 })
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code: -32601 } })
})

test('LEG-15 tasks/list before it would show everybody’s: denied unless policy.methods names it', async () => {
  expect(await send(legacy('tasks/list'), token('a admin'))).toMatchObject({ reached: 0 })
})

test('S11 a task that somebody else’s answer names is not taken over', async () => {
  const taskId = await create('legacy')
  gateway.upstream.respond = (_request, response) =>
    sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { tasks: [{ taskId }] } })
  await send(legacy('ping'), token('a', { sub: 'bob' }))
  const stranger = await send(onTask('legacy', 'tasks/get', taskId), token('a', { sub: 'bob' }))
  expect(stranger).toMatchObject(NOT_FOUND)
})

test('SES-06 a task survives a reload of the configuration', async () => {
  const taskId = await create('modern')
  await gateway.reload()
  expect(await send(onTask('modern', 'tasks/get', taskId), token('a admin'))).toMatchObject({
    status: 200,
    reached: 1,
  })
})
