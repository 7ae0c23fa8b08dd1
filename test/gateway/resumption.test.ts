// S50: the id of an event resumes a stream of its own session and caller only, also where the server keeps the events of all
// callers in one store and two of them used the same request id.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'
import { sendEvents } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

/** A server without sessions, or with them, that replays by the id of an event alone. */
async function open(sessions: boolean, options: TestGatewayOptions = {}): Promise<void> {
  gateway = await startTestGateway(options)
  const store = new Map<string, string>()
  let made = 0
  gateway.upstream.respond = (request, response) => {
    const { method, headers } = request
    const who = String(headers['x-mcp-subject'])
    if (method === 'GET') {
      const rest = store.get(String(headers['last-event-id'])) ?? ': nothing\n\n'
      return sendEvents(response, [rest])
    }
    made += 1
    const answer = `event: message\nid: s1-${made}-1\ndata: {"jsonrpc":"2.0","id":1,"result":{"for":"${who}"}}\n\n`
    store.set(`s1-${made}-0`, answer)
    if (sessions) response.setHeader('mcp-session-id', `of-${who}`)
    return sendEvents(response, [`id: s1-${made}-0\ndata:\n\n`, answer])
  }
}

async function call(sub: string, method = 'ping') {
  const { body, headers } = legacy(method)
  const authorization = `Bearer ${gateway.token('a', { sub })}`
  const answer = await gateway.post(body, { ...headers, authorization })
  const text = await answer.text()
  const ids = [...text.matchAll(/^id: ?(.*)$/gm)].map(([, id]) => id as string)
  return { text, ids, session: answer.headers.get('mcp-session-id') }
}

async function resume(sub: string, id: string, session: string | null): Promise<string> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${gateway.token('a', { sub })}`,
    'last-event-id': id,
  }
  if (session !== null) headers['mcp-session-id'] = session
  return await (
    await fetch(gateway.resource, { headers: { ...headers, accept: 'text/event-stream' } })
  ).text()
}

describe.each([
  ['without sessions', false],
  ['with sessions', true],
])('S50 a server %s', (_, sessions) => {
  test('replays to whom the events were for, and to nobody else', async () => {
    await open(sessions)
    const ada = await call('ada', 'initialize')
    const bob = await call('bob', 'initialize')
    expect(await resume('ada', ada.ids[0] ?? '', ada.session)).toContain('"for":"ada"')
    expect(await resume('bob', ada.ids[0] ?? '', bob.session)).not.toContain('ada')
    expect(await resume('bob', 's1-1-0', bob.session)).not.toContain('ada')
    expect(ada.text + bob.text).not.toMatch(/^id: s1/m)
  })

  test('with resumption off gives no ids, and takes none', async () => {
    await open(sessions, { route: '    resumption: off' })
    const { ids, session } = await call('ada', 'initialize')
    expect(ids).toEqual(['', ''])
    expect(await resume('ada', 's1-1-0', session)).not.toContain('"for":"ada"')
    expect(gateway.upstream.received.at(-1)?.headers['last-event-id']).toBeUndefined()
  })
})

test('S50 an event in parts is named like any other', async () => {
  await open(false)
  const pad = 'x'.repeat(300_000)
  gateway.upstream.respond = (_request, response) => {
    const result = `{"jsonrpc":"2.0","id":1,"result":{"pad":"${pad}"}}`
    sendEvents(response, [`id: first\ndata: ${result}\nid: last\n\n`])
  }
  const { text, ids } = await call('ada')
  expect(text).not.toMatch(/^id: (first|last)$/m)
  await resume('ada', ids[1] ?? '', null)
  expect(gateway.upstream.received.at(-1)?.headers['last-event-id']).toBe('last')
})
