// Streams that only listen have a budget of their own: full or not, calls go on. Rows of D about what is shared.
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { modern } from '../support/messages.ts'
import { openStream, startEvents } from '../support/stream.ts'
import { echoResult } from '../support/upstream.ts'

let gateway: TestGateway
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await gateway?.close()
})

/** GET streams stay open and silent; anything else is answered. */
async function start(options: Parameters<typeof startTestGateway>[0] = {}): Promise<void> {
  gateway = await startTestGateway(options)
  gateway.upstream.respond = (request, response) => {
    const listens = request.method === 'GET' || request.headers['mcp-method'] === 'subscriptions/listen'
    if (listens) startEvents(response, ': open\n\n')
    else echoResult(request, response)
  }
}

/** Resolves with the status of the answer; the connection stays. */
function listen(subject: string): Promise<number> {
  const { hostname, port, host } = new URL(gateway.origin)
  const socket = connect(Number(port), hostname)
  sockets.push(socket)
  const authorization = `authorization: Bearer ${gateway.token('a', { sub: subject })}`
  socket.write(`GET /mcp/a HTTP/1.1\r\nhost: ${host}\r\n${authorization}\r\n\r\n`)
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(Number(bytes.toString('latin1').split(' ')[1])))
  })
}

test('D41 1,060 idle streams of many callers: the last are refused, and calls are answered', async () => {
  await start()
  const statuses: number[] = []
  for (let caller = 0; caller < 53; caller += 1) {
    statuses.push(...(await Promise.all(Array.from({ length: 20 }, () => listen(`s${caller}`)))))
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(1_000)
  expect(statuses.filter((status) => status === 503)).toHaveLength(60)
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
}, 60_000)

test('D41 a stream over the budget of its route hears so in JSON-RPC words, and may come again', async () => {
  await start({ route: '    limits: { streams: 4 }' })
  for (const subject of ['s1', 's2', 's3', 's4']) expect(await listen(subject)).toBe(200)
  const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
  const refused = await gateway.post(body, headers)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32603 } })
  sockets[0]?.destroy()
  const authorization = `Bearer ${gateway.token()}`
  const again = () => openStream(gateway.resource, { headers: { authorization } })
  await expect.poll(async () => (await again()).status).toBe(200)
})

test('D41 one caller gets its share of a budget, and the next caller gets a stream', async () => {
  await start({ top: 'limits: { streams: 8, share_per_caller: 25% }' })
  const statuses = await Promise.all([1, 2, 3].map(() => listen('greedy')))
  expect(statuses.sort()).toEqual([200, 200, 429])
  expect(await listen('modest')).toBe(200)
})
