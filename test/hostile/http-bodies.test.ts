// D and M rows about the body of a request as HTTP sees it: type, coding, length, time and the memory it takes.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Aim,
  ALLOWED,
  aimAt,
  chunked,
  DANGER,
  expectRefused,
  inOneChunk,
  post,
} from '../support/attack.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { fieldOf, overWire } from '../support/wire.ts'

const LIMIT = 4_096

let gateway: TestGateway
let aim: Aim
beforeAll(async () => {
  gateway = await startTestGateway({
    route: '    limits: { body: 4KiB }',
    bodies: { deadlineMs: 50, maxBufferedBytes: 4 * LIMIT },
  })
  aim = aimAt(gateway)
})
afterAll(() => gateway.close())

const typed = (to: Aim, lines: string) => post(to, lines).replace('Content-Type: application/json\r\n', '')

const UNSUPPORTED: readonly (readonly [id: string, lines: string])[] = [
  ['M28 text/plain', 'Content-Type: text/plain\r\n'],
  ['M28 a form', 'Content-Type: application/x-www-form-urlencoded\r\n'],
  ['M28 json5', 'Content-Type: application/json5\r\n'],
  ['M28 jsonrequest', 'Content-Type: application/jsonrequest\r\n'],
  ['M28 vendor json', 'Content-Type: application/x+json\r\n'],
  ['M28 absent', ''],
  ['M28 empty', 'Content-Type:\r\n'],
  ['M28 utf-16', 'Content-Type: application/json;charset=utf-16\r\n'],
  ['M28 two lines', 'Content-Type: application/json\r\nContent-Type: application/json\r\n'],
  ['M28 a list', 'Content-Type: application/json, text/plain\r\n'],
  ['M60 what a browser sends unasked', 'Content-Type: text/plain;charset=UTF-8\r\n'],
  ...['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'x-gzip', 'identity'].map(
    (coding) =>
      [`M29 ${coding}`, `Content-Type: application/json\r\nContent-Encoding: ${coding}\r\n`] as const,
  ),
]

test.each(UNSUPPORTED)('%s is 415', async (_id, lines) => {
  const answer = await expectRefused(gateway, typed(aim, lines), 415)
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' })
})

test('M29: a compressed call is not looked into, and not passed on', async () => {
  const body = gzipSync(DANGER)
  const head = `Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
  const [lines] = post(aim, '', '').split('Content-Length')
  await expectRefused(gateway, Buffer.concat([Buffer.from(lines + head), body]), 415)
})

test.each(['APPLICATION/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"'])(
  'M28: %s is JSON',
  async (type) => {
    const [answer] = await overWire(gateway.origin, typed(aim, `Content-Type: ${type}\r\n`), 1)
    expect(answer?.status).toBe(200)
  },
)

test.each(['text/html', 'application/json', '*/*;q=0', ''])(
  'M57: Accept %j changes no decision',
  async (accept) => {
    const denied = await expectRefused(gateway, post(aim, `Accept: ${accept}\r\n`, DANGER), 403)
    expect(fieldOf(denied, 'content-type')).toBe('application/json')
    const [allowed] = await overWire(gateway.origin, post(aim, `Accept: ${accept}\r\n`), 1)
    expect(allowed?.status).toBe(200)
  },
)

const LARGE = JSON.stringify({ ...JSON.parse(ALLOWED), pad: 'a'.repeat(LIMIT) })

test('D11: a length over the limit is refused by what it declares', async () => {
  const answer = await expectRefused(gateway, post(aim, '', LARGE), 413)
  expect(fieldOf(answer, 'connection')).toBe('close')
})

test('D11: chunks over the limit are refused by the bytes that came', async () => {
  await expectRefused(gateway, chunked(aim, inOneChunk(LARGE)), 413)
})

test('H10: many small chunks are one body', async () => {
  const chunks = [...LARGE].map((byte) => `1\r\n${byte}\r\n`).join('')
  await expectRefused(gateway, chunked(aim, `${chunks}0\r\n\r\n`), 413)
  const small = [...ALLOWED].map((byte) => `1\r\n${byte}\r\n`).join('')
  const [answer] = await overWire(gateway.origin, chunked(aim, `${small}0\r\n\r\n`), 1)
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.body.toString()).toBe(ALLOWED)
})

test('H10: a chunk extension of 20 KB', async () => {
  const before = gateway.upstream.received.length
  const chunks = inOneChunk(ALLOWED).replace('\r\n', `;${'x'.repeat(20_000)}\r\n`)
  const answers = await overWire(gateway.origin, chunked(aim, chunks))
  expect(answers.map(({ status }) => status)).toEqual([413])
  expect(gateway.upstream.received.length).toBe(before)
})

test('D12: what is left of a body that was too large is not the next request', async () => {
  const before = gateway.upstream.received.length
  const inner = post(aim) + 'a'.repeat(LIMIT)
  const declared = await overWire(gateway.origin, post(aim, '', inner))
  expect(declared.map(({ status }) => status)).toEqual([413])
  const unfinished = chunked(aim, `${(2 * LIMIT).toString(16)}\r\n${'a'.repeat(LIMIT + 1)}${post(aim)}`)
  const counted = await overWire(gateway.origin, unfinished)
  expect(counted.map(({ status }) => status)).toEqual([413])
  expect(gateway.upstream.received.length).toBe(before)
})

test('M33 D02: body_timeout, and the connection is closed', async () => {
  const unfinished = post(aim).slice(0, -1)
  const before = gateway.upstream.received.length
  const answers = await overWire(gateway.origin, unfinished)
  expect(answers.map(({ status }) => status)).toEqual([408])
  expect(JSON.parse(answers[0]?.body ?? '')).toEqual({
    error: 'invalid_request',
    error_description: 'The body did not arrive in time',
  })
  expect(gateway.upstream.received.length).toBe(before)
})

test('D10: overloaded when all bodies together take too much, and free again after', async () => {
  const roomy = await startTestGateway({
    top: 'limits: { share_per_caller: 100% }',
    bodies: { deadlineMs: 10_000, maxBufferedBytes: 64 },
  })
  const to = aimAt(roomy)
  const answer = await expectRefused(roomy, post(to), 503)
  expect(fieldOf(answer, 'retry-after')).toBe('1')
  await expectRefused(roomy, chunked(to, inOneChunk(ALLOWED)), 503)
  const [fits] = await overWire(roomy.origin, post(to, '', '{"jsonrpc":"2.0","id":1,"method":"ping"}'), 1)
  expect(fits?.status).toBe(200)
  await roomy.close()
})
