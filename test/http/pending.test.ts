// Several requests on one connection before the first is answered: their order, their number, and what comes of them
// when the next one cannot be read or the listener ends. Each test waits for the end of a connection, never for a time.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LISTENER_LIMITS, type Listener, type ListenerLimits, listen } from '../../src/http/listen.ts'
import { createCertificate } from '../support/certificate.ts'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const CONNECT = 'CONNECT evil:443 HTTP/1.1\r\nHost: x\r\n\r\n'

interface Arrived {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

interface Scene {
  readonly listener: Listener
  readonly arrived: Arrived[]
  /** Opens a connection, and writes. */
  send(bytes: string): Sent
}

interface Sent {
  readonly socket: Socket
  /** Everything that came, once the connection has ended. */
  readonly text: Promise<string>
}

async function start(limits: Partial<ListenerLimits> = {}): Promise<Scene> {
  const arrived: Arrived[] = []
  const listener = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    handle: (request, response) => void arrived.push({ request, response }),
    networks: { networkOfPeer: () => undefined, sharePerCaller: 1 },
    limits: { ...LISTENER_LIMITS, checkMs: 10, ...limits },
  })
  onTestFinished(() => listener.close(0))
  const send = (bytes: string): Sent => {
    const { port } = listener.address
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<string>()
    let text = ''
    socket.on('data', (piece) => {
      text += piece.toString('latin1')
    })
    socket.on('close', () => resolve(text)).on('end', () => resolve(text))
    socket.write(bytes)
    return { socket, text: promise }
  }
  return { listener, arrived, send }
}

function statuses(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status as string)
}

test.each([
  ['garbage', 'BLAH\r\n\r\n'],
  ['a CONNECT', CONNECT],
])('H43 requests that came whole before %s are answered, and nothing after', async (_what, next) => {
  const { arrived, send } = await start()
  const { text } = send(GET + GET + next)
  await expect.poll(() => arrived.length).toBe(2)
  for (const { response } of arrived.toReversed()) response.end('ok')
  expect(statuses(await text)).toEqual(['200', '200'])
})

test.each([
  ['garbage', 'BLAH\r\n\r\n', '400'],
  ['a CONNECT', CONNECT, '501'],
])('H29 H43 after an answer that is through, %s gets its own', async (_what, next, status) => {
  const { arrived, send } = await start()
  const { socket, text } = send(GET)
  await expect.poll(() => arrived.length).toBe(1)
  arrived[0]?.response.end('ok', () => socket.write(next))
  expect(statuses(await text)).toEqual(['200', status])
})

test.each([
  ['garbage', 'BLAH\r\n\r\n'],
  ['a request and garbage', `${GET}BLAH\r\n\r\n`],
  ['a CONNECT', CONNECT],
])('H43 nothing is written into an answer that has begun: %s cuts it', async (_what, next) => {
  const { arrived, send } = await start()
  const { socket, text } = send(GET)
  await expect.poll(() => arrived.length).toBe(1)
  arrived[0]?.response.write('half')
  socket.once('data', () => socket.write(next))
  expect(statuses(await text)).toEqual(['200'])
})

test('H43 an answer that has begun is not written into, though a later one waits', async () => {
  const { arrived, send } = await start()
  const { socket, text } = send(GET + GET)
  await expect.poll(() => arrived.length).toBe(2)
  arrived[0]?.response.write('half')
  socket.once('data', () => socket.write('BLAH\r\n\r\n'))
  expect(statuses(await text)).toEqual(['200'])
})

test('H43 a body that cannot be read is refused at once', async () => {
  const { arrived, send } = await start()
  const { socket, text } = send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  await expect.poll(() => arrived.length).toBe(1)
  socket.write('no chunk\r\n')
  expect(statuses(await text)).toEqual(['400'])
})

test('H29 a client that breaks its CONNECT off breaks nothing else', async () => {
  const { arrived, send } = await start()
  const { socket } = send(GET + CONNECT)
  await expect.poll(() => arrived.length).toBe(1)
  socket.resetAndDestroy()
  await expect.poll(() => arrived[0]?.response.destroyed).toBe(true)
  const { text } = send(GET)
  await expect.poll(() => arrived.length).toBe(2)
  arrived[1]?.response.end('ok').on('finish', () => arrived[1]?.request.socket.end())
  expect(statuses(await text)).toEqual(['200'])
})

test('H43 a client with more than 32 requests without an answer is cut off', async () => {
  const { arrived, send } = await start()
  const within = send(GET.repeat(32))
  await expect.poll(() => arrived.length).toBe(32)
  for (const { response } of arrived) response.end('ok')
  expect((await send(GET.repeat(10_000)).text).length).toBe(0)
  expect(arrived.length).toBe(64)
  within.socket.end()
  expect(statuses(await within.text).length).toBe(32)
})

test('when the listener ends, each request that came is answered', async () => {
  const { listener, arrived, send } = await start()
  const { text } = send(GET + GET)
  const idle = send(GET)
  await expect.poll(() => arrived.length).toBe(3)
  arrived[2]?.response.end('ok')
  await expect.poll(() => arrived[2]?.response.writableFinished).toBe(true)
  const closed = listener.close(20_000)
  expect(statuses(await idle.text)).toEqual(['200'])
  arrived[0]?.response.end('ok')
  await expect.poll(() => arrived[0]?.response.writableFinished).toBe(true)
  arrived[1]?.response.end('ok')
  expect(statuses(await text)).toEqual(['200', '200'])
  await closed
})

test.each([
  ['nothing', '', '408'],
  ['half a head', 'POST / HTTP/1.1\r\nHost: x\r\nX: ', '408'],
  ['garbage', 'BLAH\r\n\r\n', '400'],
  ['a CONNECT', CONNECT, '501'],
])(
  'D01 D04 a client that sends %s and keeps its half of the connection open holds nothing',
  async (_what, bytes, status) => {
    const { listener, send } = await start({ headersMs: 50, requestMs: 100 })
    const { text } = send(bytes)
    expect(statuses(await text)).toEqual([status])
    await listener.close(60_000)
  },
)

test('D01 D04 neither does one whose answer was followed by a CONNECT', async () => {
  const { listener, arrived, send } = await start()
  const { text } = send(GET + CONNECT)
  await expect.poll(() => arrived.length).toBe(1)
  arrived[0]?.response.end('ok')
  expect(statuses(await text)).toEqual(['200'])
  await listener.close(60_000)
})

test('D03 a client that takes nothing of an answer before its CONNECT is given up', async () => {
  const { arrived, send } = await start({ stallMs: 50 })
  const { socket } = send(GET + CONNECT)
  socket.pause()
  await expect.poll(() => arrived.length).toBe(1)
  arrived[0]?.response.end(Buffer.alloc(32 * 1024 * 1024, 'x'))
  await expect.poll(() => arrived[0]?.request.socket.destroyed, { timeout: 10_000 }).toBe(true)
})

test('L25 an answer that waits for its turn hears that the client has left, once', async () => {
  const { arrived, send } = await start()
  const { socket } = send(GET + GET + CONNECT)
  await expect.poll(() => arrived.length).toBe(2)
  let heard = 0
  arrived[1]?.response.on('close', () => {
    heard += 1
  })
  arrived[1]?.response.write('early')
  socket.resetAndDestroy()
  await expect.poll(() => heard).toBe(1)
  expect(arrived[1]?.response.destroyed).toBe(true)
})

test('D17 unreadable pieces add up to nothing', async () => {
  const { arrived, send } = await start()
  const { socket } = send(`${GET}XX\r\n\r\n`)
  await expect.poll(() => arrived.length).toBe(1)
  const [{ request, response }] = arrived as [Arrived]
  const before = request.socket.bytesRead
  for (let sent = 1; sent <= 20; sent += 1) {
    socket.write('X')
    await expect.poll(() => request.socket.bytesRead).toBe(before + sent)
  }
  expect(response.listenerCount('finish')).toBeLessThan(5)
})

test('a request that is whole when the listener has ended its connection is not carried out', async () => {
  const { listener, arrived, send } = await start()
  const { socket, text } = send(GET)
  await expect.poll(() => arrived.length).toBe(1)
  const [{ request, response }] = arrived as [Arrived]
  response.end('ok')
  await expect.poll(() => response.writableFinished).toBe(true)
  socket.write(GET.slice(0, 10))
  await expect.poll(() => request.socket.bytesRead).toBe(GET.length + 10)
  const closed = listener.close(60_000)
  socket.write(GET.slice(10))
  expect(statuses(await text)).toEqual(['200'])
  await closed
  expect(arrived.length).toBe(1)
})

test('D01 a TLS handshake that never ends does not keep the listener from ending', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const made = createCertificate()
  writeFileSync(tls.cert, made.cert)
  writeFileSync(tls.key, made.key)
  const listener = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls,
    handle: (_, response) => response.end(),
    networks: { networkOfPeer: () => undefined, sharePerCaller: 1 },
    limits: { ...LISTENER_LIMITS, headersMs: 50, checkMs: 10 },
  })
  const ended = Promise.withResolvers<void>()
  connect(listener.address.port, '127.0.0.1')
    .on('error', () => {})
    .on('close', ended.resolve)
  await ended.promise
  const left = connect(listener.address.port, '127.0.0.1').on('error', () => {})
  await once(left, 'connect')
  await listener.close(20)
})
