// A call whose tool asks for input goes on in another request (2026-07-28, in the form of SDK 2.4): it counts once. Periods
// are an hour, so that nothing is given back by time.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'
import { sendEvents, sendJson } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

type Form = 'json' | 'large json' | 'events' | 'large events'

async function start(form: Form): Promise<void> {
  gateway = await startTestGateway({ route: '    limits: { rate: { per_tool: { safe: 1/h } } }' })
  const pad = form.startsWith('large') ? 'x'.repeat(200_000) : ''
  gateway.upstream.respond = (request, response) => {
    const { params } = JSON.parse(String(request.body)) as { params: { inputResponses?: object } }
    const asked = { pad, resultType: 'input_required', inputRequests: { q: {} }, requestState: 's' }
    const result = params.inputResponses ? { resultType: 'complete', content: [] } : asked
    const answer = { jsonrpc: '2.0', id: 1, result }
    if (form.endsWith('events')) sendEvents(response, [`data: ${JSON.stringify(answer)}\n\n`])
    else sendJson(response, 200, answer)
  }
}

async function call(more: object = {}): Promise<number> {
  const params = { name: 'safe', arguments: {}, ...more }
  const { body, headers } = modern('tools/call', params, { name: 'safe' })
  const response = await gateway.post(body, headers)
  await response.text()
  return response.status
}

const ANSWERED = { inputResponses: { q: {} }, requestState: 's' }

test.each(['json', 'large json', 'events', 'large events'] as const)(
  'per_tool: a call that asks for input first counts once (%s)',
  async (form) => {
    await start(form)
    expect([await call(), await call(ANSWERED), await call(ANSWERED)]).toEqual([200, 200, 429])
  },
)

test('per_tool: a state that the client sends by itself spares nothing', async () => {
  await start('json')
  expect([await call(ANSWERED), await call(ANSWERED), await call()]).toEqual([200, 429, 429])
})
