// Updates of resources on streams that listen: those that a caller may not subscribe to do not pass, whatever a server sends.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_POLICY, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, modern } from '../support/messages.ts'
import { sendEvents } from '../support/upstream.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const [OPEN, OTHER, DENIED] = ['file:///pub/a', 'file:///pub/b', 'file:///secret']
const METHOD = 'notifications/resources/updated'
const update = (uri: unknown) => JSON.stringify({ jsonrpc: '2.0', method: METHOD, params: { uri } })
const event = (data: string) => `event: message\ndata: ${data}\n\n`

async function get(events: readonly string[]): Promise<string> {
  gateway.upstream.respond = (_request, response) => sendEvents(response, events)
  const headers = { authorization: `Bearer ${gateway.token()}`, accept: 'text/event-stream' }
  const text = await (await fetch(gateway.resource, { headers })).text()
  return text.replace(/^:.*\n\n/, '')
}

const other = event('{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"updated"}}')

test('S61 on a GET: of resources that its caller may subscribe to', async () => {
  const events = [event(update(DENIED)), event(update(OPEN)), other, event(update(OTHER))]
  expect(await get(events)).toBe([events[1], other, events[3]].join(''))
})

test.each([
  ['with escapes in its name', update(DENIED).replace('updated', '\\u0075pdated')],
  ['with an escaped slash', update(DENIED).replaceAll('/', '\\/')],
  ['without a URI', update(undefined)],
  ['of a URI that is no text', update([OPEN])],
  ['that says its method twice', update(OPEN).replace('{', `{"method":"${METHOD}",`)],
  ['that says it in capitals', update(DENIED).replace('method', 'METHOD')],
  ['in another spelling of the URI', update('FILE:///secret')],
])('S61 nor one %s', async (_what, data) => {
  expect(await get([event(data), other])).toBe(other)
})

test('S61 of several messages in one event the others pass', async () => {
  const batch = (uris: readonly string[]) => event(`[${uris.map(update).join(', ')}]`)
  expect(await get([batch([DENIED, OPEN])])).toBe(batch([OPEN]))
  expect(await get([batch([DENIED, DENIED])])).toBe('')
})

test('S61 on a subscription: of what was subscribed', async () => {
  const asked = modern('subscriptions/listen', { notifications: { resourceSubscriptions: [OPEN] } })
  const end = event('{"jsonrpc":"2.0","id":1,"result":{}}')
  gateway.upstream.respond = (_request, response) =>
    sendEvents(response, [...[DENIED, OTHER, OPEN].map((uri) => event(update(uri))), end])
  const answer = await gateway.post(asked.body, asked.headers)
  expect((await answer.text()).replace(/^:.*\n\n/, '')).toBe(event(update(OPEN)) + end)
})

const answer = (result: object) => event(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))
const RESULT = { content: [{ type: 'text', text: 'ok' }] }

test.each(['legacy', 'modern'] as const)('S61 on the answer stream of a %s call', async (era) => {
  const sent = [update(DENIED), update(OPEN)].map(event)
  gateway.upstream.respond = (_request, response) => sendEvents(response, [...sent, answer(RESULT)])
  const { body, headers } = callOf(era)
  expect(await (await gateway.post(body, headers)).text()).toBe(sent[1] + answer(RESULT))
})

test('S61 a result that only has the words passes as it is', async () => {
  const text = `"method": "${METHOD}", \u0000 \u001b updated`
  const bytes = answer({
    ...RESULT,
    method: METHOD,
    structuredContent: { method: METHOD, uri: DENIED, text },
  })
  gateway.upstream.respond = (_request, response) => sendEvents(response, [bytes])
  const { body, headers } = callOf('legacy')
  expect(await (await gateway.post(body, headers)).text()).toBe(bytes)
})

test.each([true, false])('S61 none in a batch of JSON, sent as a whole: %s', async (isWhole) => {
  const { body, headers } = callOf('legacy')
  const asked = { ...headers, 'mcp-protocol-version': '2025-03-26' }
  const statusOf = async (json: string) => {
    const length = isWhole ? { 'content-length': json.length } : {}
    gateway.upstream.respond = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', ...length }).end(json)
    return (await gateway.post([body], asked)).status
  }
  const one = '{"jsonrpc":"2.0","id":1,"result":{"updated":"method"}}'
  expect([await statusOf(`[${one}]`), await statusOf(` [${update(DENIED)}, ${one}]`)]).toEqual([200, 502])
})

// Where a caller sees every list, an event over 64 KiB is not kept: it passes in parts.
test.each([
  ['its method first', (method: object, params: object) => ({ ...method, params })],
  ['its method last', (method: object, params: object) => ({ params, ...method })],
])('S61 nor one of 100 KB, %s', async (_what, made) => {
  const open = await startTestGateway({ policy: `\n      listing: all${DEFAULT_POLICY}` })
  const large = { uri: DENIED, _meta: { padding: 'x'.repeat(100_000) } }
  const log = event(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: large }))
  const hidden = event(JSON.stringify({ jsonrpc: '2.0', ...made({ method: METHOD }, large) }))
  open.upstream.respond = (_request, response) => sendEvents(response, [log, hidden, other])
  const headers = { authorization: `Bearer ${open.token()}`, accept: 'text/event-stream' }
  const read = await readUntilCut(await fetch(open.resource, { headers }))
  expect(read.replace(/^:.*\n\n/, '').startsWith(log)).toBe(true)
  expect(read.replace(/^:.*\n\n/, '').slice(log.length)).not.toMatch(/\n\n/) // no event that a client would read
  await open.close()
})

async function readUntilCut({ body }: Response): Promise<string> {
  let text = ''
  try {
    for await (const chunk of body ?? []) text += Buffer.from(chunk).toString()
  } catch {
    // It was cut.
  }
  return text
}
