// L49, L50: a call that waits for its answer holds nothing of its body, and a body counts in the memory for bodies until
// it was written to the upstream.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { inUse, MEBIBYTE } from '../support/in-use.ts'

const BODY = Buffer.from(
  JSON.stringify({
    ...{ jsonrpc: '2.0', id: 'an id that is long enough to be cut out of the text', method: 'tools/call' },
    params: { name: 'safe', arguments: { text: 'x'.repeat(2 * MEBIBYTE) } },
  }),
)

let gateway: TestGateway
const ends: (() => void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) end()
  await gateway.close()
})

/** An upstream that answers nothing; `reads` tells whether it takes what it is sent. Counts the bytes. */
async function startSilentUpstream(reads: boolean): Promise<{ readonly url: string; bytes(): number }> {
  let bytes = 0
  const server = createServer((socket) => {
    ends.push(() => socket.destroy())
    socket.on('error', () => {})
    if (reads) socket.on('data', (piece) => (bytes += piece.length))
    else socket.pause()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, bytes: () => bytes }
}

/** Sends the body, the same bytes each time; resolves with the status, if one comes. */
function call(subject: string): Promise<number> {
  const { hostname, port, host } = new URL(gateway.origin)
  const socket: Socket = connect(Number(port), hostname)
  ends.push(() => socket.destroy())
  const token = gateway.token('a', { sub: subject })
  const head = `POST /mcp/a HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n`
  socket.write(`${head}content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`)
  socket.write(BODY)
  return new Promise((resolve) => {
    socket.once('data', (answer) => resolve(Number(answer.toString('latin1').split(' ')[1])))
  })
}

test('L49 forty calls with 2 MiB of arguments each wait: none of it is kept', async () => {
  const upstream = await startSilentUpstream(true)
  gateway = await startTestGateway({ upstreamUrl: upstream.url, route: '    limits: { body: 4MiB }' })
  const before = inUse()
  for (let i = 0; i < 40; i += 1) {
    void call(`caller-${i % 4}`)
    await expect.poll(upstream.bytes, { timeout: 10_000 }).toBeGreaterThan((i + 1) * BODY.length)
  }
  await expect.poll(() => inUse() - before, { timeout: 10_000 }).toBeLessThan(20 * MEBIBYTE)
}, 60_000)

test('L50 bodies that the upstream does not take count for their caller', async () => {
  const upstream = await startSilentUpstream(false)
  gateway = await startTestGateway({
    ...{ upstreamUrl: upstream.url, route: '    limits: { body: 4MiB }' },
    bodies: { deadlineMs: 10_000, maxBufferedBytes: 48 * MEBIBYTE },
  })
  const statuses = Array.from({ length: 12 }, () => call('one'))
  expect(await Promise.any(statuses)).toBe(429)
}, 60_000)
