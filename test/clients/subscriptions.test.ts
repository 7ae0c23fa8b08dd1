// Subscriptions to several resources with the official server and client of 2.4: what rules deny is left out, so the server
// acknowledges the rest, and an update of anything else does not pass.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'

const POLICY = `
      rules:
        - { name: no, effect: deny, resources: ["file:///pub/no"] }
        - { name: files, resources: ["file:///pub/**"], scopes: [a] }
        - { name: more, resources: ["file:///more/**"], scopes: [b] }`
const [OPEN, ALSO, DENIED, MORE] = [
  ...['file:///pub/a', 'file:///pub/b'],
  ...['file:///pub/no', 'file:///more/c'],
] as const

let gateway: TestGateway
let url: string
let handler: ReturnType<typeof createMcpHandler>
const closers: (() => unknown)[] = []
/** What came to the server. */
const received: { readonly body: string; readonly digest: unknown }[] = []

beforeAll(async () => {
  handler = createMcpHandler(
    () => {
      const capabilities = { resources: { subscribe: true, listChanged: true } }
      const server = new McpServer({ name: 'notes', version: '1' }, { capabilities })
      server.registerResource('r', OPEN, {}, () => ({ contents: [] }))
      return server
    },
    { legacy: 'reject' },
  )
  const serve = toNodeHandler(handler)
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => received.push({ body, digest: request.headers['content-digest'] }))
    return serve(request as NodeIncomingMessageLike, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.closeAllConnections())
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  gateway = await startTestGateway({ policy: POLICY, upstreamUrl: url, auditRequired: true })
  closers.push(() => gateway.close())
})
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

async function connect() {
  const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const updates: string[] = []
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    updates.push(params.uri)
  })
  const requestInit = { headers: { authorization: `Bearer ${gateway.token('a')}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.resource), { requestInit }))
  closers.push(() => client.close())
  return { client, updates }
}

test('S61 of several resources those that are allowed are acknowledged, and updates come of these alone', async () => {
  const { client, updates } = await connect()
  const subscription = await client.listen({ resourceSubscriptions: [DENIED, OPEN, DENIED, ALSO] })
  expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: [OPEN, ALSO] })
  for (const uri of [DENIED, MORE, OPEN, ALSO]) handler.notify.resourceUpdated(uri)
  await expect.poll(() => updates).toContain(ALSO)
  expect(updates).toEqual([OPEN, ALSO])
  const line = gateway.audit().findLast(({ method }) => method === 'subscriptions/listen')
  expect(line).toMatchObject({ decision: 'allowed', target: [OPEN, ALSO], withheld: [DENIED, DENIED] })
  await subscription.close()
})

test('S61 what is left out is cut from the body, every other byte of which stays, and its digests go', async () => {
  const before = received.length
  const asked = modern('subscriptions/listen', { notifications: { resourceSubscriptions: [OPEN, DENIED] } })
  const text = JSON.stringify(asked.body).replace('"method"', ' "method" ')
  const leave = new AbortController()
  const answer = await fetch(gateway.resource, {
    method: 'POST',
    body: text,
    signal: leave.signal,
    headers: {
      ...{ ...asked.headers, 'content-type': 'application/json', 'content-digest': 'sha-256=:a:' },
      authorization: `Bearer ${gateway.token('a')}`,
    },
  })
  expect(answer.status).toBe(200)
  leave.abort()
  const [seen] = received.slice(before)
  expect(seen).toEqual({ body: text.replace(`,"${DENIED}"`, ''), digest: undefined })
})

test('S61 nothing is left out where all are denied, or where scopes would help', async () => {
  for (const [uris, status] of [
    [[DENIED, DENIED], 403],
    [[OPEN, MORE], 403],
  ] as const) {
    const asked = modern('subscriptions/listen', { notifications: { resourceSubscriptions: uris } })
    const answer = await gateway.post(asked.body, asked.headers)
    expect(answer.status).toBe(status)
    expect(answer.headers.has('www-authenticate')).toBe(uris[1] === MORE)
  }
})
