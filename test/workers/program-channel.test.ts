// The channel between a worker and its primary for servers that are programs: calls share it, a client that does not read
// holds up nobody else, and whoever is left when the other side is gone is told.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Settings } from '../../src/core/settings.ts'
import type { ProgramSettings } from '../../src/core/settings-program.ts'
import type { ProgramRequest } from '../../src/upstream/program/program-request.ts'
import type { ProgramUpstream } from '../../src/upstream/program/program-upstream.ts'
import type { Programs } from '../../src/upstream/program/programs.ts'
import type { Reply, ReplyStream } from '../../src/upstream/reply.ts'
import { openFrameChannel } from '../../src/workers/frame-channel.ts'
import { createProgramsClient } from '../../src/workers/programs-client.ts'
import { createProgramsServer, type ProgramsServer } from '../../src/workers/programs-server.ts'
import { PLAIN, toolMessage } from '../support/program/client.ts'

const PROGRAM: ProgramSettings = {
  command: [process.execPath, PLAIN],
  ...{
    transport: 'http',
    per: 'session',
    cwd: '/',
    idleMs: 60_000,
    max: 10,
    startTimeoutMs: 20_000,
    timeoutMs: 20_000,
  },
  ...{ runAs: undefined, inherited: {}, env: {} },
}
const SETTINGS = {
  limits: { sharePerCaller: 1 },
  routes: [
    { name: 'a', upstream: PROGRAM },
    { name: 'b', upstream: { ...PROGRAM, transport: 'sse' } },
  ],
} as unknown as Settings
const SILENT = { started() {}, gone() {}, dropped() {}, tell() {} }

let server: ProgramsServer
let worker: Programs
let upstream: ProgramUpstream
let ends: readonly [Socket, Socket]
let release: () => void

async function socketPair(): Promise<readonly [Socket, Socket]> {
  const listening = createServer().listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const one = connect((listening.address() as AddressInfo).port, '127.0.0.1')
  const [other] = (await once(listening, 'connection')) as [Socket]
  listening.close()
  return [one, other]
}

beforeEach(async () => {
  ends = await socketPair()
  server = createProgramsServer(SETTINGS, SILENT)
  release = server.hold(SETTINGS)
  server.serve(ends[0])
  worker = createProgramsClient(ends[1])
  upstream = worker.upstreamOf('a', PROGRAM)
})
afterEach(async () => {
  await worker.close()
  release()
  await server.close()
})

function requestOf(message: object, more: Partial<ProgramRequest> = {}): ProgramRequest {
  return {
    ...{
      caller: 'ada',
      era: 'modern',
      method: 'POST',
      target: '',
      isStream: false,
      bufferJsonUpTo: 0,
      onWritten: undefined,
    },
    headers: {
      ...{ sessionId: undefined, lastEventId: undefined },
      principal: { issuer: 'i', subject: 'ada', key: 'i ada', clientId: 'c', claims: {} },
    },
    body: Buffer.from(JSON.stringify(message)),
    ...more,
  }
}

const META = { progressToken: 1 }

async function replyTo(message: object, more?: Partial<ProgramRequest>): Promise<Reply> {
  const reply = await upstream.send(requestOf(message, more)).reply
  if (!reply.ok) throw new Error(reply.refusal.reason)
  return reply.value
}

/** All of a stream, read from now on. */
function read(stream: ReplyStream): Promise<string> {
  const pieces: Buffer[] = []
  return new Promise((resolve, reject) =>
    stream.start({
      data: (chunk) => void pieces.push(Buffer.from(chunk)),
      end: () => resolve(Buffer.concat(pieces).toString()),
      fail: ({ reason }) => reject(new Error(reason)),
    }),
  )
}

test.each([
  ['as a stream', 0],
  ['in one', 16_000_000],
])('a large answer comes whole, %s', async (_, bufferJsonUpTo) => {
  const { body } = await replyTo(toolMessage('fill', { bytes: 5_000_000 }), { bufferJsonUpTo })
  expect(Buffer.isBuffer(body)).toBe(bufferJsonUpTo > 0)
  const text = Buffer.isBuffer(body) ? body.toString() : await read(body)
  expect(text.length).toBeGreaterThan(5_000_000)
  expect(text).toMatch(/^{"jsonrpc":"2.0","id":1,"result":.*y{1000}"}\]}}$/)
})

test('a stream that nobody reads waits at the primary; other calls go on, and then all of it comes', async () => {
  const value = 'v'.repeat(1_000_000)
  const { body: slow } = await replyTo(toolMessage('progress', { steps: 8, value }, 1, META))
  expect(((await replyTo(toolMessage('echo', { value: 'meanwhile' }))).body as Buffer).toString()).toContain(
    'meanwhile',
  )
  expect(ends[1].bytesRead).toBeLessThan(1_000_000) // a window of it, and the other answer
  const text = await read(slow as ReplyStream)
  expect(text.match(/"progress":\d/g)).toHaveLength(8)
  expect(text.length).toBeGreaterThan(9_000_000)
})

test('a reader that leaves ends its call alone', async () => {
  const value = 'v'.repeat(1_000_000)
  const { body } = await replyTo(toolMessage('progress', { steps: 8, value }, 1, META))
  ;(body as ReplyStream).abort()
  expect((await replyTo(toolMessage('echo', { value: 'x' }))).status).toBe(200)
})

test('whoever waits for the program to have a request is told once', async () => {
  let written = 0
  await replyTo(toolMessage('pid'), { onWritten: () => (written += 1) })
  expect(written).toBe(1)
})

test('the primary is gone: calls under way fail, a stream breaks off, and later ones are refused', async () => {
  const stream = await replyTo(toolMessage('progress', { steps: 1, value: 'x' }, 1, META))
  const broken = upstream.send(requestOf(toolMessage('hang')))
  const listening = upstream.send(requestOf(toolMessage('hang'), { isStream: true }))
  const open = await listening.reply
  ends[0].destroy()
  expect(await broken.reply).toMatchObject({ ok: false, refusal: { reason: 'upstream_unreachable' } })
  if (!open.ok) throw new Error('no stream')
  await expect(read(open.value.body as ReplyStream)).rejects.toThrow('upstream_unreachable')
  await read(stream.body as ReplyStream).catch(() => undefined) // it was whole, or was not
  const later = await upstream.send(requestOf(toolMessage('pid'))).reply
  expect(later).toMatchObject({ ok: false, refusal: { reason: 'upstream_unreachable' } })
})

test('HTTP+SSE: a message finds the session by its endpoint, and is answered on the stream', async () => {
  const sse = worker.upstreamOf('b', { ...PROGRAM, transport: 'sse' })
  const opened = await sse.send(requestOf({}, { era: 'legacy', method: 'GET', body: undefined })).reply
  if (!opened.ok) throw new Error(opened.refusal.reason)
  const stream = opened.value.body as ReplyStream
  let said = ''
  const answered = new Promise<void>((resolve) =>
    stream.start({
      data(chunk) {
        said += chunk.toString()
        if (said.includes('"id":1')) resolve()
      },
      end() {},
      fail() {},
    }),
  )
  await expect.poll(() => said).toContain('event: endpoint')
  const target = /^data: (.*)$/m.exec(said)?.[1] ?? ''
  const posted = await sse.send(requestOf(toolMessage('echo', { value: 'v' }), { era: 'legacy', target }))
    .reply
  expect(posted).toMatchObject({ ok: true, value: { status: 202 } })
  await answered
  expect(said).toContain('"text":"v"')
  stream.abort()
})

test('settings that the primary does not have: refused, not started', async () => {
  const other = worker.upstreamOf('a', { ...PROGRAM, env: {}, cwd: '/tmp' })
  const reply = await other.send(requestOf(toolMessage('pid'))).reply
  expect(reply).toMatchObject({ ok: false, refusal: { detail: 'the primary has no such program' } })
})

test('frames in single bytes, several in one piece, and one without bytes', async () => {
  const heard: [unknown, string][] = []
  const [one, other] = await socketPair()
  one.setNoDelay(true)
  const written: Buffer[] = []
  const recorder = await socketPair()
  recorder[1].on('data', (chunk: Buffer) => void written.push(chunk))
  const sender = openFrameChannel(
    recorder[0],
    () => {},
    () => {},
  )
  sender.send(['a', 'ü'], Buffer.from('first'))
  sender.send(['b'])
  sender.send(['c'], Buffer.alloc(100_000, 0x7a))
  openFrameChannel<unknown, unknown>(
    other,
    (head, bytes) => void heard.push([head, bytes.toString()]),
    () => {},
  )
  await expect.poll(() => Buffer.concat(written).length).toBeGreaterThan(100_000)
  const all = Buffer.concat(written)
  for (const byte of all.subarray(0, 60)) {
    one.write(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  one.write(all.subarray(60))
  await expect.poll(() => heard.length).toBe(3)
  expect(heard).toEqual([
    [['a', 'ü'], 'first'],
    [['b'], ''],
    [['c'], 'z'.repeat(100_000)],
  ])
  for (const socket of [one, other, ...recorder]) socket.destroy()
})
