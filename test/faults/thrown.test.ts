// What is thrown while an answer streams is thrown in the event of a socket: it ends that answer, not the process.
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createEventFilter, type EventJudge } from '../../src/exchange/body-filter.ts'
import { relayStream } from '../../src/exchange/relay.ts'
import { Silence } from '../../src/exchange/silence.ts'
import { createUpstream } from '../../src/upstream/upstream.ts'
import { startRawUpstream } from '../support/raw-upstream.ts'
import { GET_REQUEST, writeHeaders } from '../support/upstream-request.ts'

test.each([
  ['with the head', ''],
  ['later', ': one\n\n'],
])('by the judge of an event that comes %s', async (_when, first) => {
  const raw = await startRawUpstream()
  onTestFinished(() => raw.close())
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'
  raw.respond = (socket) => socket.write(`${HEAD}${first === '' ? 'data: {}\n\n' : first}`)
  const waits = { connectTimeoutMs: 5_000, timeoutMs: 5_000, idleTimeoutMs: 5_000 }
  const upstream = createUpstream(
    {
      ...waits,
      url: raw.url,
      transport: 'http',
      ca: undefined,
      passQuery: false,
      badRequestEndsSession: false,
      keepAliveMs: 4_000,
    },
    'u',
    writeHeaders,
    {
      streams: 10,
      sharePerCaller: 0.25,
    },
  )
  const relayed = Promise.withResolvers<Promise<unknown>>()
  const server = createServer(async (_request, response) => {
    const reply = await upstream.send({
      caller: 'a',
      isStream: false,
      ...GET_REQUEST,
      bufferJsonUpTo: 0,
    }).reply
    if (!reply.ok || Buffer.isBuffer(reply.value.body)) throw new Error('not a stream')
    const judge: EventJudge = (event) => {
      if (event.data !== undefined) throw new Error('a bug')
      raw.sockets[0]?.socket.write('data: {}\n\n')
      return event.bytes
    }
    const begin = () => response.writeHead(200).flushHeaders()
    const rest = {
      begin,
      isEvents: true,
      listens: false,
      silence: new Silence(),
      cancelOnLeave: true,
      onOpen() {},
    }
    const filter = createEventFilter({
      judge,
      judgesAll: true,
      changesIds: false,
      judgePart: undefined,
      open: undefined,
      canResume: true,
      onError() {},
    })
    relayed.resolve(relayStream({ stream: reply.value.body, response, filter, ...rest }).catch(String))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const cut = new Promise((resolve) => {
    get({ port: (server.address() as AddressInfo).port, agent: false }, (incoming) => {
      incoming.on('error', () => {}).resume()
      incoming.on('close', () => resolve(!incoming.complete))
    })
  })
  expect(await await relayed.promise).toBe('Error: a bug')
  expect(await cut).toBe(true)
  await expect.poll(() => raw.sockets[0]?.socket.destroyed).toBe(true)
})
