// Calls under way: one caller with any number of connections leaves room for the others, also with calls that nobody
// waits for any more. Rows of D about what is shared.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'
import { type Started, startRequest } from '../support/stream.ts'
import { echoResult } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

/** Calls of the tool `safe`, each on a connection of its own. */
function flood(count: number, token: string): Started[] {
  const { body, headers } = legacy('tools/call', { name: 'safe', arguments: {} })
  const authorization = `Bearer ${token}`
  return Array.from({ length: count }, () =>
    startRequest(gateway.resource, { method: 'POST', body, headers: { ...headers, authorization } }),
  )
}

/** The upstream answers nobody but this subject. */
function answerOnly(subject: string): void {
  gateway.upstream.respond = (request, response) => {
    if (request.headers['x-mcp-subject'] === subject) echoResult(request, response)
  }
}

async function victimCalls(): Promise<number> {
  const began = performance.now()
  const authorization = `Bearer ${gateway.token('a', { sub: 'victim' })}`
  expect((await gateway.post(toolCall('safe'), { authorization })).status).toBe(200)
  return performance.now() - began
}

test('D40 1,040 calls to a slow tool whose clients left at once: another caller is answered', async () => {
  gateway = await startTestGateway()
  answerOnly('victim')
  const calls: Started[] = []
  let refused = 0
  const countRefused = (status: number) => {
    if (status === 429) refused += 1
  }
  for (let batch = 0; batch < 4; batch += 1) {
    const flooding = flood(260, gateway.token())
    calls.push(...flooding)
    for (const { head } of flooding)
      head.then(
        ({ status }) => countRefused(status),
        () => {},
      )
    await expect.poll(() => refused, { timeout: 20_000 }).toBe(batch * 260 + 4)
  }
  await expect.poll(() => gateway.upstream.received.length, { timeout: 20_000 }).toBe(256)
  for (const call of calls) call.leave()
  expect(await victimCalls()).toBeLessThan(5_000) // it was 60 s: as long as the upstream may take
  expect(gateway.upstream.received).toHaveLength(257)
})

test('D40 what a caller left behind counts as its own until it ends', async () => {
  gateway = await startTestGateway({ route: '    limits: { calls_per_subject: 2 }', auditRequired: true })
  answerOnly('victim')
  const calls = flood(2, gateway.token())
  await expect.poll(() => gateway.upstream.received.length).toBe(2)
  for (const call of calls) call.leave()
  await expect.poll(async () => (await gateway.post(toolCall('safe'))).status).toBe(429)
  const refused = await gateway.post(toolCall('safe'))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'rate_limited', detail: 'calls_per_subject' })
  for (const socket of gateway.upstream.sockets) socket.destroy() // the upstream ends what it was asked
  gateway.upstream.respond = echoResult
  await expect.poll(async () => (await gateway.post(toolCall('safe'))).status).toBe(200)
})

test('D40 a stream takes no place of a call', async () => {
  gateway = await startTestGateway({ route: '    limits: { calls_per_subject: 1 }' })
  gateway.upstream.respond = (request, response) => {
    if (request.method === 'GET')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    else echoResult(request, response)
  }
  const authorization = `Bearer ${gateway.token()}`
  const stream = startRequest(gateway.resource, { headers: { authorization } })
  expect((await stream.head).status).toBe(200)
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  stream.leave()
})

test('D49 answers that nobody reads hold places of their caller, and another is answered', async () => {
  gateway = await startTestGateway({ route: '    limits: { calls_per_subject: 4 }' })
  const large = Buffer.alloc(16 * 1024 * 1024, ' ')
  gateway.upstream.respond = (request, response) => {
    if (request.headers['x-mcp-subject'] === 'victim') return echoResult(request, response)
    response.writeHead(200, { 'content-type': 'application/json' }).end(large)
  }
  const calls = flood(4, gateway.token())
  for (const { head } of calls) (await head).incoming.pause()
  expect((await gateway.post(toolCall('safe'))).status).toBe(429)
  await victimCalls()
  for (const call of calls) call.leave()
  gateway.upstream.respond = echoResult
  await expect.poll(async () => (await gateway.post(toolCall('safe'))).status).toBe(200)
})
