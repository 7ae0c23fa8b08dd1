// Clients of HTTP+SSE (2024-11-05) at a program: the official client of that transport, @modelcontextprotocol/sdk 1.32.2, with
// server-everything 2026.8.31 over stdio, and plain HTTP with a program that tells what it was sent.
import { createRequire } from 'node:module'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { isThere, OPEN_POLICY, startPrograms, toolMessage } from '../support/program/client.ts'
import { openStream } from '../support/stream.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

const EVERYTHING = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-everything/dist/index.js',
)

async function connectSse(capabilities: object = {}): Promise<Client> {
  const authorization = `Bearer ${gateway.token()}`
  const transport = new SSEClientTransport(new URL(gateway.resource), {
    requestInit: { headers: { authorization } },
    eventSourceInit: {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization } }),
    },
  })
  const client = new Client({ name: 'test', version: '1' }, { capabilities })
  if ('sampling' in capabilities)
    client.setRequestHandler(CreateMessageRequestSchema, async () => ({
      ...{ model: 'm', role: 'assistant' as const },
      content: { type: 'text' as const, text: 'from the client' },
    }))
  await client.connect(transport)
  return client
}

/** A stream of `subject`, and posts to where it says. */
async function open(subject: string) {
  const headers = { authorization: `Bearer ${gateway.token('a', { sub: subject })}` }
  const stream = await openStream(gateway.resource, { headers })
  await stream.until('\n\n')
  const endpoint = /^event: endpoint\ndata: (.*)$/m.exec(stream.text())?.[1] ?? ''
  const url = new URL(endpoint, gateway.resource).href
  const post = async (body: object, as = headers) => {
    const answer = await openStream(url, { method: 'POST', headers: as, body })
    await answer.ended
    return answer.status
  }
  return { stream, endpoint, headers, post }
}

const INITIALIZE = {
  ...{ jsonrpc: '2.0', id: 'i', method: 'initialize' },
  params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 't', version: '1' } },
}

test('the official client: one tool of the list, its answer, and another one denied', async () => {
  gateway = await startTestGateway({
    program: `command: ["${process.execPath}", "${EVERYTHING}", stdio], transport: sse`,
    policy: '\n      rules:\n        - { name: echo, tools: [echo], scopes: [a] }',
  })
  const client = await connectSse()
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo'])
  expect(JSON.stringify(await client.callTool({ name: 'echo', arguments: { message: 'ahoy' } }))).toContain(
    'ahoy',
  )
  await expect(client.callTool({ name: 'get-env', arguments: {} })).rejects.toThrow(/403/)
  await client.close()
})

test('what the program says beside answers, its requests, progress and cancellation', async () => {
  gateway = await startPrograms('transport: sse')
  const client = await connectSse({ sampling: {} })
  expect(await client.callTool({ name: 'sample', arguments: { value: 'v' } })).toMatchObject({
    content: [{ text: expect.stringContaining('from the client') }],
  })
  const progress = Promise.withResolvers<number>()
  const held = client.callTool({ name: 'hold', arguments: { value: 'v' } }, undefined, {
    onprogress: (step) => progress.resolve(step.progress),
  })
  expect(await progress.promise).toBe(1)
  await client.callTool({ name: 'letGo', arguments: {} })
  expect(await held).toMatchObject({ content: [{ text: 'v' }] })
  const left = new AbortController()
  const hung = client.callTool({ name: 'hang', arguments: {} }, undefined, { signal: left.signal })
  left.abort('enough')
  await expect(hung).rejects.toThrow()
  const lines = async () => JSON.stringify(await client.callTool({ name: 'lines', arguments: {} }))
  await expect.poll(lines).toContain('notifications/cancelled')
  await client.close()
})

test('the stream is the session: it names an endpoint of the gateway, and with it the program ends', async () => {
  gateway = await startPrograms('transport: sse')
  const { stream, endpoint, post } = await open('ada')
  expect(endpoint).toMatch(/^\/mcp\/a\/messages\?session=[\w-]+$/)
  expect(await post(INITIALIZE)).toBe(202)
  await stream.until('"id":"i"')
  expect(await post(toolMessage('pid', {}, 'p'))).toBe(202)
  const text = await stream.until('"id":"p"')
  const pid = Number(/"text":"(\d+)"/.exec(text)?.[1])
  expect(isThere(pid)).toBe(true)
  stream.leave()
  await expect.poll(() => isThere(pid), { timeout: 15_000 }).toBe(false)
  expect(await post(toolMessage('pid'))).toBe(404)
})

test('per: route: one program, and nobody hears of another; an endpoint is its own caller’s', async () => {
  gateway = await startPrograms('transport: sse, per: route')
  const [ada, bob] = [await open('ada'), await open('bob')]
  for (const { post, stream } of [ada, bob]) {
    await post(INITIALIZE)
    expect(await stream.until('"id":"i"')).toContain('"protocolVersion":"2024-11-05"')
  }
  await Promise.all([
    ada.post(toolMessage('echo', { value: 'of ada' }, 1)),
    bob.post(toolMessage('echo', { value: 'of bob' }, 1)),
  ])
  expect(await ada.stream.until('"id":1')).not.toContain('bob')
  expect(await bob.stream.until('"id":1')).not.toContain('ada')
  expect(await ada.post(toolMessage('echo', { value: 'x' }), bob.headers)).toBe(404)
  for (const { stream } of [ada, bob]) stream.leave()
})

test('a program that dies: its call ends with an error on the stream, and the stream with it', async () => {
  gateway = await startPrograms('transport: sse')
  const { stream, post } = await open('ada')
  await post(INITIALIZE)
  await post(toolMessage('die', {}, 'd'))
  expect(await stream.until('"id":"d"')).toContain('The MCP server ended before it answered')
  expect(await stream.ended).toBe('whole')
})

test('Streamable HTTP and HTTP+SSE of one program are two routes', async () => {
  gateway = await startTestGateway({
    program: `command: ["${process.execPath}", "${EVERYTHING}", stdio], transport: sse`,
    policy: OPEN_POLICY,
  })
  expect((await gateway.post(INITIALIZE)).status).toBe(405)
})
