// The listener's own limits, in milliseconds that a test can wait for: what arrives too slowly, what is not taken, and
// connections beyond the limit. Each test waits for the end of a connection, never for a time.
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { LISTENER_LIMITS, type ListenerLimits, listen } from '../../src/http/listen.ts'

const QUICK: ListenerLimits = { ...LISTENER_LIMITS, headersMs: 50, requestMs: 100, checkMs: 10 }
const NO_SHARES = { networkOfPeer: () => undefined, sharePerCaller: 1 }
const BODY = Buffer.alloc(32 * 1024 * 1024, 'x')

async function start(limits: ListenerLimits, handle: RequestListener = (_, response) => response.end('ok')) {
  const address = { host: '127.0.0.1', port: 0 }
  const listener = await listen({ address, tls: undefined, handle, limits, networks: NO_SHARES })
  onTestFinished(() => listener.close(0))
  return (): Socket => connect(listener.address.port, '127.0.0.1')
}

/** Everything that came until the connection ended. */
async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  await new Promise((resolve) => socket.on('close', resolve).on('error', () => {}))
  return text
}

const SLOW: readonly (readonly [what: string, bytes: string])[] = [
  ['headers that do not end', 'POST / HTTP/1.1\r\nHost: x\r\nX: '],
  ['a connection on which nothing comes', ''],
  ['a body that does not end', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1'],
]
test.each(SLOW)('D01 D02 %s: 408, and the connection ends', async (_what, bytes) => {
  const open = await start(QUICK, (request, response) => request.on('end', () => response.end()).resume())
  const socket = open()
  socket.write(bytes)
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 408 /)
})

test('D01 D02 they are looked for more often than the shortest of them lasts', () => {
  expect(LISTENER_LIMITS.headersMs).toBeLessThanOrEqual(10_000)
  expect(LISTENER_LIMITS.checkMs * 10).toBeLessThanOrEqual(LISTENER_LIMITS.headersMs)
})

/** A request whose answer of 32 MiB nobody reads; resolves when the server's side of it has ended. */
async function unread(limits: ListenerLimits): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const open = await start(limits, (request, response) => {
    request.socket.on('close', ended.resolve)
    response.end(BODY)
  })
  const socket = open()
  socket.on('error', () => {}).pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await ended.promise
  socket.destroy()
}

test('D03 an answer that nobody takes is given up, and its memory with it', async () => {
  await unread({ ...LISTENER_LIMITS, stallMs: 50, checkMs: 10 })
})

test('D03 an answer that is taken arrives whole, and a connection without one is left alone', async () => {
  const open = await start({ ...LISTENER_LIMITS, stallMs: 1_000, checkMs: 1 }, (request, response) =>
    request.url === '/large' ? response.end(BODY) : response.end('ok'),
  )
  const socket = open()
  let length = 0
  socket.on('data', (bytes) => {
    length += bytes.length
  })
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
  await expect.poll(() => length, { timeout: 15_000 }).toBeGreaterThan(BODY.length)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  expect(socket.destroyed).toBe(false)
  socket.destroy()
})

test('D04 a connection that waits for a next request ends', async () => {
  const open = await start({ ...LISTENER_LIMITS, keepAliveMs: 10 })
  const socket = open()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /)
})

test('D04 connections beyond the limit are closed, and one that leaves makes room', async () => {
  const open = await start({ ...LISTENER_LIMITS, maxConnections: 1 })
  const first = open()
  await once(first, 'connect')
  first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(first, 'data')
  expect(await readAll(open())).toBe('')
  first.destroy()
  await expect
    .poll(
      async () => {
        const next = open()
        next.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        return await readAll(next)
      },
      { timeout: 15_000 },
    )
    .toMatch(/^HTTP\/1\.1 200 /)
})
