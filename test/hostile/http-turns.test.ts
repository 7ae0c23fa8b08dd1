// What a client does while its request waits for the end of the turn it came in (core/turn.ts), or for its body: it
// leaves, breaks the connection, or has written something unreadable behind it.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Aim, ALLOWED, aimAt, post } from '../support/attack.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { answersIn, overWire } from '../support/wire.ts'

let gateway: TestGateway
let aim: Aim
let stranger: Aim
beforeAll(async () => {
  gateway = await startTestGateway({
    auditRequired: true,
    policy: `
      rules:
        - { name: safe, tools: [safe, free], scopes: [a] }
        - { name: local, effect: deny, tools: [safe], when: 'request.address.startsWith("127.")' }`,
  })
  aim = aimAt(gateway)
  stranger = { ...aim, head: `Host: ${aim.host}\r\n` }
  await gateway.post(ALLOWED) // the token is known from here on
})
afterAll(() => gateway.close())

async function open(): Promise<{ readonly socket: Socket; readonly closed: Promise<string> }> {
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1').on('error', () => {})
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  socket.on('close', () => resolve(text))
  await once(socket, 'connect')
  return { socket, closed: promise }
}

/** Resolves when what came before has been dealt with. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1)
    expect((await overWire(gateway.origin, post(stranger), 1))[0]?.status).toBe(401)
}

/** One read of the event loop is 65,536 bytes; when that is filled, the end of the stream is read in the same turn. */
function aWholeRead(): string {
  const size = post(aim, '', ' '.repeat(60_000)).length
  return post(aim, '', ALLOWED.padEnd(60_000 + 65_536 - size))
}

test.each([
  ['fills one read and ends', (socket: Socket) => socket.end(aWholeRead())],
  ['is reset', (socket: Socket) => socket.write(post(aim), () => socket.resetAndDestroy())],
])('H24 a rule about addresses holds for a request whose connection %s', async (_how, send) => {
  const { socket, closed } = await open()
  send(socket)
  await closed
  await settled()
  expect(gateway.upstream.received.length).toBe(0)
  for (const line of gateway.audit()) expect(line).toHaveProperty('address', '127.0.0.1')
})

test('M33 a request whose caller left before it was whole is on record as refused', async () => {
  const { socket } = await open()
  socket.write(post(aim).slice(0, -1))
  await settled()
  socket.resetAndDestroy()
  await expect
    .poll(() => gateway.audit().at(-1))
    .toMatchObject({ decision: 'refused', reason: 'request_malformed', status: 499, ending: 'client_closed' })
})

test('H43 a request is answered before the unreadable one that came with it', async () => {
  const answers = await overWire(gateway.origin, `${post(stranger)}BLAH\r\n\r\n`)
  expect(answers.map(({ status }) => status)).toEqual([401])
})

test('H43 a flood of requests on one connection is cut off', async () => {
  const { socket, closed } = await open()
  socket.write(`GET /x HTTP/1.1\r\nHost: ${aim.host}\r\n\r\n`.repeat(40_000))
  expect(answersIn(await closed).length).toBeLessThan(40_000)
  await settled()
})
