// Clients that hold a connection and hardly use it, over real sockets: the limits are short, and each test waits for an
// end or for many times the limit.
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { LISTENER_LIMITS, type ListenerLimits, listen } from '../../src/http/listen.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'x')

async function start(limits: Partial<ListenerLimits>, handle: RequestListener): Promise<Socket> {
  const listener = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    handle,
    networks: { networkOfPeer: () => undefined, sharePerCaller: 1 },
    limits: { ...LISTENER_LIMITS, checkMs: 5, ...limits },
  })
  const socket = connect(listener.address.port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
    return listener.close(0)
  })
  socket.write(REQUEST)
  return socket
}

/** Takes one piece after another, with a rest after each. */
function trickle(socket: Socket, restMs: number): void {
  socket.on('data', () => {
    socket.pause()
    setTimeout(() => socket.resume(), restMs)
  })
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))

test('D46 a client that takes a little now and then is left, though it never stalls', async () => {
  const gone = Promise.withResolvers<void>()
  const limits = { stallMs: 2_000, minTakenPerSecond: 1024 ** 3 }
  const socket = await start(limits, (request, response) => {
    request.socket.on('close', gone.resolve)
    response.end(LARGE)
  })
  let taken = 0
  socket.on('data', (bytes: Buffer) => {
    taken += bytes.length
  })
  trickle(socket, 20)
  await gone.promise
  expect(taken).toBeLessThan(LARGE.length)
})

test('D46 one that takes as much as it must gets all of it, however long that takes', async () => {
  const socket = await start({ stallMs: 400, minTakenPerSecond: 1_024 }, (_request, response) =>
    response.end(LARGE),
  )
  trickle(socket, 1)
  let length = 0
  socket.on('data', (bytes: Buffer) => {
    length += bytes.length
  })
  await expect.poll(() => length, { timeout: 30_000 }).toBeGreaterThan(LARGE.length)
})

test('D46 an event stream that is silent owes nothing, and stays', async () => {
  const events = Promise.withResolvers<() => void>()
  const socket = await start({ stallMs: 20, minTakenPerSecond: 1024 ** 3 }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
    events.resolve(() => response.write('data: 1\n\n'))
  })
  let text = ''
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  const say = await events.promise
  await wait(300)
  say()
  await expect.poll(() => text).toContain('data: 1')
})

test('D47 blank lines after a request are no request: the connection ends', async () => {
  const socket = await start({ keepAliveMs: 50, headersMs: 50 }, (_request, response) => response.end('ok'))
  const dripping = setInterval(() => socket.write('\r\n'), 10)
  onTestFinished(() => clearInterval(dripping))
  socket.resume()
  await closed(socket)
})

test('D47 requests one after another keep it for as long as they come', async () => {
  const socket = await start({ keepAliveMs: 100, headersMs: 100 }, (_request, response) => response.end('ok'))
  let answers = 0
  socket.on('data', () => {
    answers += 1
    setTimeout(() => socket.write(REQUEST), 20)
  })
  await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(30) // six times what it may wait
})
