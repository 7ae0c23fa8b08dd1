// A kept connection rests between two exchanges, over real sockets: what comes meanwhile ends it, and connections stay
// few all the same.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Connections, createConnections, createLeg } from '../../src/upstream/connections.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const LATE = OK.replace('ok', 'no')

let upstream: RawUpstream
let connections: Connections | undefined
beforeEach(async () => {
  upstream = await startRawUpstream()
})
afterEach(async () => {
  connections?.close()
  await upstream.close()
})

function connect(limit = 1_024): Connections {
  const waits = { connectTimeoutMs: 3_000, timeoutMs: 5_000, idleTimeoutMs: 7_000 }
  const leg = createLeg({
    url: upstream.url,
    transport: 'http',
    ca: undefined,
    passQuery: false,
    badRequestEndsSession: false,
    keepAliveMs: 4_000,
    ...waits,
  })
  connections = createConnections(leg, { connections: limit, sharePerCaller: 1 })
  return connections
}

function carry(on: Connections): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const data = (piece: Buffer) => {
      text += piece.toString('latin1')
    }
    const fail = ({ reason }: { readonly reason: string }) => resolve(reason)
    on.carry(
      { caller: 'a', head: 'GET /mcp HTTP/1.1\r\n\r\n', body: undefined },
      { head() {}, data, end: () => resolve(text), fail },
    )
  })
}

test('L41 what comes between two exchanges ends the connection', async () => {
  upstream.respond = (socket, count) => {
    socket.write(count === 1 ? OK : LATE)
    setTimeout(() => socket.write(LATE), 1)
  }
  const one = connect(1)
  for (let i = 0; i < 5; i += 1) expect(await carry(one)).toBe('ok')
  expect(upstream.sockets.length).toBe(5)
})

test('L41 also where the loop was busy for longer than a connection rests', async () => {
  upstream.respond = (socket, count) => {
    socket.write(count === 1 ? OK : LATE)
    setImmediate(() => {
      const until = performance.now() + 60
      while (performance.now() < until) socket.write('')
      socket.write(LATE)
    })
  }
  const one = connect(1)
  for (let i = 0; i < 5; i += 1) expect(await carry(one)).toBe('ok')
  expect(upstream.sockets.length).toBe(5)
})

test('one connection carries the next exchange when it has rested', async () => {
  upstream.respond = (socket) => socket.write(OK)
  const one = connect(1)
  for (let i = 0; i < 5; i += 1) expect(await carry(one)).toBe('ok')
  expect(upstream.sockets.length).toBe(1)
})

test('many exchanges in turn need few connections', async () => {
  upstream.respond = (socket) => socket.write(OK)
  const all = connect()
  for (let i = 0; i < 500; i += 1) await carry(all)
  expect(upstream.sockets.length).toBeLessThan(250)
})
