// A call that meets a kept connection which its server is closing: what only reads is sent once more, and the audit says so.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy, modern, type Sendable } from '../support/messages.ts'
import { echoResult } from '../support/upstream.ts'

let gateway: TestGateway
/** Of each request that came, whether its connection had carried another. */
let kept: boolean[]
const POLICY = `
      methods: { tasks/list: [a] }
      rules: [{ name: all, tools: ["*"], prompts: ["*"], resources: ["**"] }]`
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true, policy: POLICY })
  const used = new WeakSet<object>()
  kept = []
  gateway.upstream.respond = (request, response, { socket }) => {
    const isKept = used.has(socket)
    used.add(socket)
    kept.push(isKept)
    if (isKept) socket.destroy()
    else echoResult(request, response)
  }
})
afterAll(() => gateway.close())

/** On a connection that another request left: it rests first, so this is tried until one is there. */
async function onKept(asked: Sendable) {
  for (;;) {
    const { body, headers } = legacy('ping')
    await (await gateway.post(body, headers)).text()
    const before = gateway.upstream.received.length
    const answer = await gateway.post(asked.body, asked.headers)
    await answer.text()
    if (kept[before] !== true) continue
    const decisions = gateway.audit().filter(({ event }) => event === 'decision')
    const sent = gateway.upstream.received.slice(before)
    return { status: answer.status, sent, line: decisions.at(-1) }
  }
}

const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']
const READING: readonly Sendable[] = [
  ...['ping', ...LISTS].map((method) => legacy(method)),
  ...['server/discover', ...LISTS].map((method) => modern(method)),
]

test.each(READING.map((each) => [each.headers['mcp-protocol-version'], each]))(
  'L91 %s %j goes to the server once more, and the audit says so',
  async (_version, asked) => {
    const { status, sent, line } = await onKept(asked)
    expect(status).toBe(200)
    expect(sent.map(({ body }) => body.toString())).toEqual(Array(2).fill(JSON.stringify(asked.body)))
    expect(line).toMatchObject({ decision: 'allowed', status: 200, resent: true })
  },
)

const uri = 'file:///pub/a'
const ACTING: readonly Sendable[] = [
  callOf('legacy'),
  callOf('modern'),
  legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} }),
  legacy('prompts/get', { name: 'a' }),
  legacy('resources/read', { uri }),
  legacy('resources/subscribe', { uri }),
  legacy('completion/complete', { ref: { type: 'ref/prompt', name: 'a' }, argument: {} }),
  legacy('logging/setLevel', { level: 'debug' }),
  legacy('tasks/list'),
  {
    ...legacy('ping'),
    body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
  },
  {
    body: [legacy('ping').body, legacy('tools/call', { name: 'safe' }, 2).body],
    headers: { 'mcp-protocol-version': '2025-03-26' },
  },
]

test.each(ACTING)('L91 $body goes there once', async (asked) => {
  const { status, sent, line } = await onKept(asked)
  expect(status).toBe(502)
  expect(sent).toHaveLength(1)
  expect(line).toMatchObject({ decision: 'refused', reason: 'upstream_unreachable' })
  expect(line).not.toHaveProperty('resent')
})

test('what is sent on a connection that is not closed says nothing of it', async () => {
  const { body, headers } = modern('tools/list')
  await (await gateway.post(body, headers)).text()
  const [line] = gateway.audit().filter(({ event }) => event === 'decision')
  expect(line).not.toHaveProperty('resent')
})
