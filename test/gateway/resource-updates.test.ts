// Updates of resources on streams that listen: those that a caller may not subscribe to do not pass, whatever a server sends.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'
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
