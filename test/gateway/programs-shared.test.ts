// Programs that several callers share, those of requests without a session, and what each is told of who calls.
import { afterEach, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import {
  beginSession,
  messagesIn,
  type PlainSession,
  startPrograms,
  textOf,
  toolMessage,
} from '../support/program/client.ts'
import { metricsOf } from '../support/scrape.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** A tool, called by a client of 2026-07-28. */
function postModern(name: string, subject: string, args: object = {}): Promise<Response> {
  const headers = {
    authorization: `Bearer ${gateway.token('a', { sub: subject })}`,
    ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
  }
  return gateway.post(toolMessage(name, args, 1, META), headers)
}

/** The text that it answers. */
async function callModern(...call: Parameters<typeof postModern>): Promise<string> {
  return textOf(await postModern(...call))
}

test('per: subject: the sessions of a person share a program, other people do not', async () => {
  gateway = await startPrograms('per: subject')
  const [one, two, other] = [
    await beginSession(gateway, 'ada'),
    await beginSession(gateway, 'ada'),
    await beginSession(gateway, 'bob'),
  ]
  const [first, second, third] = [await one.call('pid'), await two.call('pid'), await other.call('pid')]
  expect([first === second, first === third]).toEqual([true, false])
})

test('per: subject: each session of the person hears what belongs to no call', async () => {
  gateway = await startPrograms('per: subject')
  const [one, two] = [await beginSession(gateway, 'ada'), await beginSession(gateway, 'ada')]
  const stream = await two.listen()
  const beside = await one.post(toolMessage('log', { value: 'news' }))
  expect(messagesIn(await beside.text())).toMatchObject([{ params: { data: 'news' } }, { id: 1 }])
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!heard.includes('news')) heard += (await reader?.read())?.value ?? ''
  await reader?.cancel()
})

test('per: route: one program, one handshake, and what belongs to no call reaches nobody', async () => {
  gateway = await startPrograms('per: route')
  const [one, two] = [await beginSession(gateway, 'ada'), await beginSession(gateway, 'bob')]
  expect(await one.call('pid')).toBe(await two.call('pid'))
  const lines = JSON.parse(await two.call('lines')) as string[]
  expect(lines.filter((line) => line.includes('"initialize"'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('initialized'))).toHaveLength(1)
  const answer = await one.post(toolMessage('log', { value: 'secret of ada' }))
  expect(messagesIn(await answer.text())).toMatchObject([{ id: 1, result: {} }])
  expect((await one.listen()).status).toBe(405)
  expect(await metricsOf(gateway)).toContain(
    'portcullis_program_messages_dropped_total{route="a",why="shared"} 1',
  )
})

test('per: route: a request of the program is refused with an error to it', async () => {
  gateway = await startPrograms('per: route')
  const session = await beginSession(gateway)
  expect(await session.call('sample', { value: 'v' })).toContain('-32601')
})

test('per: route: each session gets the revision that it asked for, and no promise of notifications', async () => {
  gateway = await startPrograms('per: route')
  const initialize = (protocolVersion: string) =>
    gateway.post({
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    })
  const result = async (version: string) =>
    ((await (await initialize(version)).json()) as { readonly result: object }).result
  expect(await result('2025-03-26')).toMatchObject({
    protocolVersion: '2025-03-26',
    capabilities: { tools: {} },
  })
  const newer = await result('2029-01-01')
  expect(newer).toMatchObject({ protocolVersion: '2025-11-25' })
  expect(JSON.stringify(newer)).not.toMatch(/listChanged|logging/)
})

test('per: route: a program that died is started again for sessions that are open', async () => {
  gateway = await startPrograms('per: route')
  const session = await beginSession(gateway)
  const first = await session.call('pid')
  expect((await session.post(toolMessage('die'))).status).toBe(502)
  await expect.poll(() => session.call('pid'), { timeout: 10_000 }).toMatch(/^\d+$/)
  expect(await session.call('pid')).not.toBe(first)
})

test('2026-07-28: a program for each caller, and never a shared one', async () => {
  gateway = await startPrograms('per: route')
  const session = await beginSession(gateway, 'ada')
  const [ada, again, bob] = [
    await callModern('pid', 'ada'),
    await callModern('pid', 'ada'),
    await callModern('pid', 'bob'),
  ]
  expect([ada, ada === again, ada === bob]).toEqual([expect.stringMatching(/^\d+$/), true, false])
  expect(await session.call('pid')).not.toBe(ada)
})

test('2026-07-28: what belongs to no call is heard by the only one under way, and by nobody where there are two', async () => {
  gateway = await startPrograms()
  const told = async (name: string, args: object = {}) =>
    messagesIn(await (await postModern(name, 'ada', args)).text())
  expect(await told('log', { value: 'news' })).toMatchObject([{ params: { data: 'news' } }, { id: 1 }])
  const held = told('hold', { value: 'later' })
  const isHeld = async () => (await callModern('lines', 'ada')).includes('hold')
  await expect.poll(isHeld).toBe(true)
  const before = await countOfLate()
  expect(await told('log', { value: 'news' })).toMatchObject([{ id: 1 }])
  expect(await countOfLate()).toBe(before + 1)
  await told('letGo')
  expect(JSON.stringify(await held)).not.toContain('news')
})

/** How many messages of programs found no call that they belong to. */
async function countOfLate(): Promise<number> {
  return Number(/why="late"} (\d+)/.exec(await metricsOf(gateway))?.[1] ?? 0)
}

test('2026-07-28: leaving is cancelling', async () => {
  gateway = await startPrograms()
  const left = new AbortController()
  const headers = {
    authorization: `Bearer ${gateway.token('a', { sub: 'ada' })}`,
    ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'hang' },
    ...{ 'content-type': 'application/json' },
  }
  const body = JSON.stringify(toolMessage('hang', {}, 1, META))
  await callModern('pid', 'ada')
  const hung = fetch(gateway.resource, { method: 'POST', headers, body, signal: left.signal })
  const lines = async () => JSON.parse(await callModern('lines', 'ada')) as string[]
  await expect.poll(async () => (await lines()).filter((line) => line.includes('"hang"'))).toHaveLength(1)
  left.abort()
  await expect(hung).rejects.toThrow()
  await expect
    .poll(async () => (await lines()).filter((line) => line.includes('cancelled')))
    .toEqual(['{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}'])
})

test('env: nothing of the gateway’s own but PATH, HOME and LANG, then what the file says, and who calls', async () => {
  gateway = await startPrograms(
    'env: { KEY: "${A_KEY}", WHO: { principal: subject }, FROM: { principal: issuer }, MAIL: { claim: email }, NONE: { claim: none } }',
    { env: { A_KEY: 'k', PATH: '/bin', HOME: '/home/x', LANG: 'C', OTHER: 'o' } },
  )
  const session = await beginSession(gateway, 'ada ü%')
  const environment = JSON.parse(await session.call('env')) as object
  expect(environment).toEqual({
    ...{ PATH: '/bin', HOME: '/home/x', LANG: 'C', KEY: 'k' },
    ...{ WHO: 'ada%20%C3%BC%25', FROM: gateway.issuer.url },
  })
})

test('env: two callers whose values differ never share a program', async () => {
  gateway = await startPrograms('per: subject, env: { TEAM: { claim: team } }')
  const begin = async (team: string) => {
    const authorization = `Bearer ${gateway.token('a', { sub: 'ada', team })}`
    const session = await beginSession({ ...gateway, token: () => gateway.token('a', { sub: 'ada', team }) })
    return { session, authorization }
  }
  const told = async ({ session }: { session: PlainSession }) => session.call('env', { name: 'TEAM' })
  const [red, blue] = [await begin('red'), await begin('blue')]
  expect([await told(red), await told(blue)]).toEqual(['red', 'blue'])
})

test('twenty callers with the same ids and tokens: nobody hears of another', async () => {
  gateway = await startPrograms('per: route')
  const callers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => beginSession(gateway, `caller ${index}`)),
  )
  const heard = callers.flatMap((session, index) =>
    Array.from({ length: 10 }, async (_, round) => {
      const value = `of ${index} in ${round}`
      const meta = { progressToken: 1 }
      const answer = await session.post(toolMessage('progress', { value }, 1, meta))
      const messages = messagesIn(await answer.text())
      expect(messages).toMatchObject([
        { params: { progressToken: 1, message: value } },
        { params: { progressToken: 1, message: value } },
        { id: 1, result: { content: [{ text: value }] } },
      ])
    }),
  )
  await Promise.all(heard)
})
