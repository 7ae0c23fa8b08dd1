// Connections of clients by network, over real sockets from several addresses of this machine's loopback network.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { TlsFiles } from '../../src/core/settings.ts'
import { createPeerNetwork } from '../../src/http/address.ts'
import { LISTENER_LIMITS, listen } from '../../src/http/listen.ts'
import { createCertificate } from '../support/certificate.ts'

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

interface Scene {
  readonly maxConnections?: number
  readonly trusted?: readonly string[]
  readonly tls?: TlsFiles
}

/** Opens connections to a listener of its own, each from an address that is named. */
async function start({ maxConnections = 20_000, trusted = [], tls }: Scene) {
  const listener = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls,
    handle: (_request, response) => response.end('ok'),
    networks: { networkOfPeer: createPeerNetwork(trusted), sharePerCaller: 0.25 },
    limits: { ...LISTENER_LIMITS, maxConnections },
  })
  const opened: Socket[] = []
  onTestFinished(() => {
    for (const socket of opened) socket.destroy()
    return listener.close(0)
  })
  return (localAddress: string): Socket => {
    const to = { port: listener.address.port, host: '127.0.0.1', localAddress }
    const socket = tls ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
    opened.push(socket.on('error', () => {}).resume())
    return socket
  }
}

type Open = Awaited<ReturnType<typeof start>>

/** So many connections, each open by now or cut off. */
async function openMany(open: Open, count: number, address: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => open(address))
  const settled = (socket: Socket) =>
    new Promise<void>((resolve) => socket.once('close', () => resolve()).once('connect', () => resolve()))
  await Promise.all(sockets.map(settled))
  return sockets
}

const stillOpen = (sockets: readonly Socket[]) => sockets.filter(({ destroyed }) => !destroyed).length

/** Asks on a connection; resolves with the status, or 0 when it was cut off. */
function ask(socket: Socket): Promise<number> {
  socket.write(REQUEST)
  return new Promise((resolve) => {
    socket.once('data', (bytes: Buffer) => resolve(Number(bytes.toString('latin1').split(' ')[1])))
    socket.once('close', () => resolve(0))
  })
}

function tlsFiles(): TlsFiles {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-networks-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const made = createCertificate()
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.cert, made.cert)
  writeFileSync(files.key, made.key)
  return files
}

test('D43 ten networks take all places without a request: another gets its first answer', async () => {
  const open = await start({})
  const silent: Socket[] = []
  for (let host = 2; host < 12; host += 1) silent.push(...(await openMany(open, 300, `127.0.0.${host}`)))
  await expect.poll(() => stillOpen(silent)).toBeLessThanOrEqual(2_048)
  expect(await ask(open('127.0.0.99'))).toBe(200)
  expect(stillOpen(silent)).toBeGreaterThan(2_000)
}, 30_000)

test('D43 one network takes all it can, and another gets its first answer', async () => {
  const open = await start({ maxConnections: 8 })
  const greedy = await openMany(open, 20, '127.0.0.2')
  await expect.poll(() => stillOpen(greedy)).toBe(2)
  expect(await ask(open('127.0.0.3'))).toBe(200)
})

test('D43 a connection that closes makes room for the next of its network', async () => {
  const open = await start({ maxConnections: 4 })
  const first = open('127.0.0.2')
  expect(await ask(first)).toBe(200)
  expect(await ask(open('127.0.0.2'))).toBe(0)
  first.destroy()
  await expect.poll(() => ask(open('127.0.0.2'))).toBe(200)
})

test('D43 a trusted proxy stands for many, and has no share', async () => {
  const open = await start({ maxConnections: 8, trusted: ['127.0.0.2'] })
  const proxied = await openMany(open, 6, '127.0.0.2')
  expect(await Promise.all(proxied.map(ask))).toEqual(Array(6).fill(200))
})

test.each([
  ['plain', undefined],
  ['over TLS, where its handshake never begins', tlsFiles],
])(
  'D44 connections that ask nothing, %s: a network has a share of them, and others are answered',
  async (_how, files) => {
    const tls = files?.()
    const open = await start(tls ? { tls } : {})
    const asking = Array.from({ length: 20 }, () => open('127.0.0.2'))
    expect(await Promise.all(asking.map(ask))).toEqual(Array(20).fill(200)) // these count no more
    const { remotePort: port = 0 } = asking[0] as Socket
    const silent = await openMany(
      (localAddress) =>
        connect({ port, host: '127.0.0.1', localAddress })
          .on('error', () => {})
          .resume(),
      600,
      '127.0.0.2',
    )
    onTestFinished(() => silent.forEach((socket) => void socket.destroy()))
    await expect.poll(() => stillOpen(silent), { timeout: 10_000 }).toBe(512)
    expect(await ask(open('127.0.0.3'))).toBe(200)
    expect(await ask(asking[0] as Socket)).toBe(200)
  },
)
