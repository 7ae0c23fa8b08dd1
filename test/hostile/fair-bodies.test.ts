// Memory for request bodies: what one caller declares or sends takes a share of it, and another's body is read. Rows
// of D about what is shared.
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await gateway?.close()
})

const start = async () => {
  gateway = await startTestGateway({ bodies: { deadlineMs: 10_000, maxBufferedBytes: 4_000 } })
}

/** Begins a request and sends no more of its body; resolves with the status if one comes. */
function begin(framing: string, sent: string): { readonly status: Promise<number>; readonly socket: Socket } {
  const { hostname, port, host } = new URL(gateway.origin)
  const socket = connect(Number(port), hostname)
  sockets.push(socket)
  const head = `POST /mcp/a HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${gateway.token()}\r\n`
  socket.write(`${head}content-type: application/json\r\n${framing}\r\n\r\n${sent}`)
  const status = new Promise<number>((resolve) => {
    socket.once('data', (bytes) => resolve(Number(bytes.toString('latin1').split(' ')[1])))
  })
  return { status, socket }
}

const victim = () =>
  gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', { sub: 'victim' })}` })

test('D45 bodies that are declared and do not come: the next of the same caller is 429, another is answered', async () => {
  await start()
  const slow = [begin('content-length: 500', '{'), begin('content-length: 500', '{')]
  const third = begin('content-length: 500', '{')
  expect(await Promise.race([third.status, ...slow.map(({ status }) => status)])).toBe(429)
  expect((await victim()).status).toBe(200)
  const refused = await gateway.post(toolCall('safe'))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  for (const { socket } of slow) socket.destroy()
  await expect.poll(async () => (await gateway.post(toolCall('safe'))).status).toBe(200)
})

test('D45 pieces of a body without a length count as they come', async () => {
  await start()
  const piece = (length: number) => `${length.toString(16)}\r\n${' '.repeat(length)}\r\n`
  const slow = begin('transfer-encoding: chunked', piece(900))
  const more = begin('transfer-encoding: chunked', piece(900))
  expect(await Promise.race([slow.status, more.status])).toBe(429)
  expect((await victim()).status).toBe(200)
})
