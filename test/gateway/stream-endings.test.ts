// How streams end that nobody wanted to end: a client that waits for an answer hears an error for its id, where it cannot
// come back for the rest; a stream that only listens has no idle limit, and ends in order.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withoutSeals } from '../support/event-ids.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy, modern, type Sendable } from '../support/messages.ts'
import { type Held, holdRequests, openStream, startEvents } from '../support/stream.ts'

let gateway: TestGateway
let next: () => Promise<Held>
beforeAll(async () => {
  gateway = await startTestGateway({ upstream: 'idle_timeout: 200ms,', auditRequired: true })
})
beforeEach(() => {
  next = holdRequests(gateway.upstream)
})
afterAll(() => gateway.close())

const authorization = () => `Bearer ${gateway.token()}`

async function begin(sent: Sendable | undefined, first: string) {
  const options = sent === undefined ? {} : ({ method: 'POST', body: sent.body } as const)
  const headers = { ...sent?.headers, authorization: authorization() }
  const opening = openStream(gateway.resource, { ...options, headers })
  const held = await next()
  startEvents(held.response, first)
  return { client: await opening, held }
}

const broke = (id: string) =>
  `event: message\ndata: {"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":"The answer of the MCP server broke off"}}\n\n`
const PROGRESS = 'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n'
const breaks: readonly (readonly [string, (held: Held) => unknown])[] = [
  ['is silent for too long', () => {}],
  ['breaks off', ({ response }) => response.destroy()],
  ['breaks off within an event', ({ response }) => response.write('data: {"ha', () => response.destroy())],
  ['ends without an answer', ({ response }) => response.end()],
  ['ends within an event', ({ response }) => response.end('data: {"ha')],
]

describe.each(breaks)('L70 an upstream %s', (_, happens) => {
  test.each(['legacy', 'modern'] as const)('%s call: an error for its id, and a whole end', async (era) => {
    const { client, held } = await begin(callOf(era, 'safe', 'a "1"'), PROGRESS)
    await client.until('progress')
    happens(held)
    expect(await client.ended).toBe('whole')
    expect(client.text()).toBe(PROGRESS + broke(String.raw`"a \"1\""`))
  })

  test('an answer that came is not followed by an error', async () => {
    const answer = 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
    const { client, held } = await begin(callOf('legacy'), answer)
    await client.until('result')
    happens(held)
    expect(await client.ended).toBe('whole')
    expect(client.text()).toBe(answer)
  })

  test('where an event carried an id there is no error: its client comes back for the rest', async () => {
    const { client, held } = await begin(callOf('legacy'), `id: 7\n${PROGRESS}`)
    await client.until('progress')
    happens(held)
    await client.ended
    expect(withoutSeals(client.text())).toBe(`id: sealed\n${PROGRESS}`)
  })
})

test.each([
  ['an empty id', ''],
  ['an id that no header can bring back', 'é'],
])('L70 %s is none: the client cannot come back', async (_, id) => {
  const { client, held } = await begin(callOf('legacy'), `id:${id}\n${PROGRESS}`)
  held.response.end()
  expect(await client.ended).toBe('whole')
  expect(client.text()).toContain(broke('1'))
})

test('L70 each request of a batch that waits hears it', async () => {
  const batch = [legacy('ping', {}, 1), legacy('ping', {}, 2), legacy('ping', {}, 3)].map(({ body }) => body)
  const headers = { ...legacy('ping').headers, 'mcp-protocol-version': '2025-03-26' }
  const { client, held } = await begin(
    { body: batch, headers },
    'data: {"jsonrpc":"2.0","id":2,"result":{}}\n\n',
  )
  held.response.end()
  expect(await client.ended).toBe('whole')
  expect(client.text()).toContain(broke('1') + broke('3'))
})

describe('L71 a stream that only listens', () => {
  const listen = modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, { id: 9 })

  test.each([
    ['GET', undefined],
    ['subscriptions/listen', listen],
  ])('%s: is not cut for its silence', async (_, sent) => {
    const { client, held } = await begin(sent, ': open\n\n')
    await client.until('open')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    held.response.end('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n')
    await client.until('list_changed')
    expect(await client.ended).toBe('whole')
  })

  test('GET: ends in order when its upstream breaks off', async () => {
    const { client, held } = await begin(undefined, ': open\n\n')
    await client.until('open')
    held.response.destroy()
    expect(await client.ended).toBe('whole')
    await expect.poll(() => gateway.audit().at(-1)).toMatchObject({ ending: 'upstream_aborted' })
  })

  test('subscriptions/listen: an error for its id when its upstream breaks off', async () => {
    const { client, held } = await begin(listen, ': open\n\n')
    await client.until('open')
    held.response.destroy()
    expect(await client.ended).toBe('whole')
    expect(client.text()).toContain(broke('9'))
  })

  test.each([
    ['GET', undefined],
    ['subscriptions/listen', listen],
  ])('L72 %s: a silent one begins with a comment, for edges that hold the head back', async (_, sent) => {
    const { client, held } = await begin(sent, '')
    await expect.poll(() => client.raw()).toBe(':\n\n')
    held.response.end()
    await client.ended
  })
})
