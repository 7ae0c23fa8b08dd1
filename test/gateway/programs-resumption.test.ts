// A client of a program that lost a stream and comes back for the rest, by the id of the last event that it saw (MCP 2025-11-25
// transports, Resumability and Redelivery). With plain HTTP, and with the official client: @modelcontextprotocol/sdk 1.32.2.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { afterEach, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { beginSession, type PlainSession, startPrograms, toolMessage } from '../support/program/client.ts'
import { type OpenStream, openStream } from '../support/stream.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

/** A call whose answer comes after `letGo`; the stream has begun. */
async function held({ headers }: PlainSession, value = 'the answer'): Promise<OpenStream> {
  const body = toolMessage('hold', { value }, 'held', { progressToken: 'p' })
  const stream = await openStream(gateway.resource, { method: 'POST', headers, body })
  await stream.until('notifications/progress')
  return stream
}

function idsIn(stream: OpenStream): readonly string[] {
  return [...stream.text().matchAll(/^id: (.+)$/gm)].map(([, id]) => id as string)
}

function comeBack({ headers }: PlainSession, id = ''): Promise<OpenStream> {
  return openStream(gateway.resource, {
    headers: { ...headers, accept: 'text/event-stream', 'last-event-id': id },
  })
}

test('the stream of an answer broke off: the rest comes on a GET, and its end', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const first = await held(session)
  expect(first.text()).toMatch(/^id: .+\ndata: \n\n/) // before anything is said
  const [primed, progress] = idsIn(first)
  first.leave()
  expect(await session.call('letGo')).toBe('gone on')
  const rest = await comeBack(session, progress)
  expect(await rest.ended).toBe('whole')
  expect(rest.text()).toMatch(/^event: message\nid: .+\ndata: {.*"id":"held".*the answer.*}\n\n$/)
  const again = await comeBack(session, primed)
  expect(await again.ended).toBe('whole')
  expect(again.text()).toMatch(/notifications\/progress.*\n\n.*\n.*\n.*the answer/)
})

test('while the call goes on: what comes later, too', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const first = await held(session)
  first.leave()
  const rest = await comeBack(session, idsIn(first).at(-1))
  await session.call('letGo')
  await rest.until('the answer')
  expect(await rest.ended).toBe('whole')
  expect(rest.text()).not.toContain('progress')
})

test('the stream that listens: what was said meanwhile, once', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const first = await comeBack(session)
  await session.call('log', { value: 'before' })
  await first.until('before')
  first.leave()
  await expect
    .poll(async () => (await session.post(toolMessage('log', { value: 'x' }))).text())
    .toContain('"x"') // nobody listens
  const silent = await beginSession(gateway)
  expect(silent.id).not.toBe(session.id)
  const second = await comeBack(session, idsIn(first).at(-1))
  await session.call('log', { value: 'after' })
  await second.until('after')
  expect(second.text()).not.toContain('before')
})

test('an id of another session, and of another caller, is worth nothing', async () => {
  gateway = await startPrograms()
  const [ada, other, bob] = [
    await beginSession(gateway, 'ada'),
    await beginSession(gateway, 'ada'),
    await beginSession(gateway, 'bob'),
  ]
  const first = await held(ada, 'secret of ada')
  first.leave()
  await ada.call('letGo')
  for (const session of [other, bob]) {
    const theirs = await comeBack(session, idsIn(first).at(0))
    await session.call('log', { value: 'mine' })
    await theirs.until('mine')
    expect(theirs.text()).not.toMatch(/secret|progress/)
    theirs.leave()
  }
})

test('per: route: the rest of an answer is given where a stream that listens is not', async () => {
  gateway = await startPrograms('per: route')
  const session = await beginSession(gateway)
  const first = await held(session)
  first.leave()
  await session.call('letGo')
  const rest = await comeBack(session, idsIn(first).at(-1))
  expect(await rest.ended).toBe('whole')
  expect(rest.text()).toContain('the answer')
  expect((await comeBack(session)).status).toBe(405)
})

test('older revisions: ids, and no event without data; resumption: off: no ids', async () => {
  gateway = await startPrograms()
  const older = await held(await beginSession(gateway, 'ada', { revision: '2025-06-18' }))
  expect(older.text()).not.toContain('data: \n')
  expect(idsIn(older)).toHaveLength(1)
  older.leave()
  await gateway.reload({ route: '    resumption: off' })
  const off = await held(await beginSession(gateway))
  expect(idsIn(off)).toEqual([])
  off.leave()
})

test('the official client comes back by itself, and has its answer', async () => {
  gateway = await startPrograms()
  const headers = { authorization: `Bearer ${gateway.token()}` }
  let broken = 0
  /** Breaks the first event stream of a POST after its first event. */
  const fetchThatBreaks = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init)
    const isEvents = response.headers.get('content-type')?.includes('event-stream')
    if (init?.method !== 'POST' || !isEvents || broken > 0) return response
    broken += 1
    const reader = response.body?.getReader()
    const body = new ReadableStream({
      async start(controller) {
        const { value } = (await reader?.read()) ?? {}
        controller.enqueue(value)
        await reader?.cancel()
        controller.error(new Error('the network broke'))
      },
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }
  const transport = new StreamableHTTPClientTransport(new URL(gateway.resource), {
    requestInit: { headers },
    fetch: fetchThatBreaks,
    reconnectionOptions: {
      ...{ initialReconnectionDelay: 50, maxReconnectionDelay: 200 },
      ...{ reconnectionDelayGrowFactor: 1, maxRetries: 5 },
    },
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport as Transport)
  const call = client.callTool({ name: 'hold', arguments: { value: 'in the end' } }, undefined, {
    onprogress: () => undefined,
  })
  await expect.poll(() => broken).toBe(1)
  await client.callTool({ name: 'letGo', arguments: {} })
  expect(await call).toMatchObject({ content: [{ text: 'in the end' }] })
  await client.close()
})
