// H rows about where a request ends: what two parsers could cut in two places is dropped before it is a request.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Aim,
  ALLOWED,
  aimAt,
  chunked,
  DANGER,
  expectDropped,
  inOneChunk,
  JSON_TYPE,
  post,
} from '../support/attack.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'

let gateway: TestGateway
let aim: Aim
beforeAll(async () => {
  gateway = await startTestGateway()
  aim = aimAt(gateway)
})
afterAll(() => gateway.close())

const SIZE = Buffer.byteLength(ALLOWED)
const WHOLE = inOneChunk(ALLOWED)
const withFraming = (lines: string, body: string) => (to: Aim) =>
  `POST /mcp/a HTTP/1.1\r\n${to.head}${JSON_TYPE}${lines}\r\n${body}`
const smuggled = (to: Aim) => `POST /mcp/a HTTP/1.1\r\n${to.head}\r\n${DANGER}`

type Row = readonly [string, (to: Aim) => string]

const DROPPED: readonly Row[] = [
  ['H01 CL.TE', withFraming('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\nG')],
  [
    'H02 TE.CL',
    (to) => withFraming('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', inOneChunk(smuggled(to)))(to),
  ],
  ['H03 xchunked', withFraming('Transfer-Encoding: xchunked\r\n', WHOLE)],
  ['H03 chunked, identity', withFraming('Transfer-Encoding: chunked, identity\r\n', WHOLE)],
  ['H03 gzip, chunked', withFraming('Transfer-Encoding: gzip, chunked\r\n', WHOLE)],
  ['H03 identity', withFraming(`Transfer-Encoding: identity\r\n`, WHOLE)],
  ['H03 two lines', withFraming('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', WHOLE)],
  ['H03 chunked twice', withFraming('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', WHOLE)],
  ['H03 space before the colon', withFraming('Transfer-Encoding : chunked\r\n', WHOLE)],
  ['H03 vertical tab', withFraming('Transfer-Encoding: \x0bchunked\r\n', WHOLE)],
  ['H03 folded', withFraming('Transfer-Encoding:\r\n chunked\r\n', WHOLE)],
  [
    'H04 TE on HTTP/1.0',
    (to) => `POST /mcp/a HTTP/1.0\r\n${to.head}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n${WHOLE}`,
  ],
  ['H05 two equal', withFraming(`Content-Length: ${SIZE}\r\nContent-Length: ${SIZE}\r\n`, ALLOWED)],
  ['H05 two different', withFraming(`Content-Length: ${SIZE}\r\nContent-Length: 2\r\n`, ALLOWED)],
  ['H05 a list', withFraming(`Content-Length: ${SIZE}, ${SIZE}\r\n`, ALLOWED)],
  ['H05 a plus', withFraming(`Content-Length: +${SIZE}\r\n`, ALLOWED)],
  ['H05 negative', withFraming('Content-Length: -2\r\n', ALLOWED)],
  ['H05 hexadecimal', withFraming('Content-Length: 0x2\r\n', ALLOWED)],
  ['H05 2^64+1', withFraming('Content-Length: 18446744073709551617\r\n', ALLOWED)],
  ['H05 empty', withFraming('Content-Length:\r\n', ALLOWED)],
  ['H08 y 100-continue', (to) => post(to, 'Expect: y 100-continue\r\n')],
  ['H08 two expectations', (to) => post(to, 'Expect: 100-continue\r\nExpect: y\r\n')],
  ['H08 folded', (to) => post(to, 'Expect:\r\n 100-continue\r\n')],
  ['H09 size line ends in LF', (to) => chunked(to, `${SIZE.toString(16)}\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 extension ends in LF', (to) => chunked(to, `${SIZE.toString(16)};x\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 CR in an extension', (to) => chunked(to, `${SIZE.toString(16)};x\ry\r\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 no CRLF after data', (to) => chunked(to, `${SIZE.toString(16)}\r\n${ALLOWED}0\r\n\r\n`)],
  ['H09 0x', (to) => chunked(to, `0x${SIZE.toString(16)}\r\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 2^64', (to) => chunked(to, `10000000000000000\r\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 a plus', (to) => chunked(to, `+${SIZE.toString(16)}\r\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 an underscore', (to) => chunked(to, `0_${SIZE.toString(16)}\r\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H09 negative', (to) => chunked(to, `-2\r\n${ALLOWED}\r\n0\r\n\r\n`)],
  ['H11 a length in the trailers', (to) => chunked(to, WHOLE.replace(/\r\n$/, 'Content-Length: 1\r\n\r\n'))],
  ['H12 LF only', (to) => post(to).replaceAll('\r\n', '\n')],
  ['H12 bare CR in a value', (to) => post(to, 'X: a\rX-Mcp-Subject: root\r\n')],
  ['H12 CR before a name', (to) => post(to, '\r\n\rX: y\r\n').replace('\r\n\r\n', '\r\n')],
  ['H13 a leading space', (to) => post(to, ' X: y\r\n')],
  ['H13 no name', (to) => post(to, ': y\r\n')],
  ['H13 NUL in a value', (to) => post(to, 'X: a\0b\r\n')],
  ['H13 8 bit in a name', (to) => post(to, 'X\xe9: y\r\n')],
  ['H13 no colon', (to) => post(to, 'X y\r\n')],
  [
    'H39 CR in the content type',
    (to) => post(to, 'X: y\r\n').replace('application/json', 'application/json\x0d'),
  ],
  ['H42 HTTP/0.9', () => 'GET /mcp/a\r\n\r\n'],
  ['H42 HTTP/1.2', (to) => post(to).replace('HTTP/1.1', 'HTTP/1.2')],
  ['H42 HTTP/2.0', (to) => post(to).replace('HTTP/1.1', 'HTTP/2.0')],
  ['H42 the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['H53 the PROXY protocol', (to) => `PROXY TCP4 10.0.0.1 127.0.0.1 1 2\r\n${post(to)}`],
]

test.each(DROPPED)('%s is dropped', (_id, bytes) => expectDropped(gateway, bytes(aim)))

test('H03 a tab before chunked is optional white space', async () => {
  const [answer] = await overWire(
    gateway.origin,
    withFraming('Transfer-Encoding:\tchunked\r\n', WHOLE)(aim),
    1,
  )
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.body.toString()).toBe(ALLOWED)
})

test('H05 002, H40: the length upstream is the one of the bytes, said once', async () => {
  const bytes = withFraming(`Content-Length: 00${SIZE}\r\n`, ALLOWED)(aim)
  const [answer] = await overWire(gateway.origin, bytes, 1)
  expect(answer?.status).toBe(200)
  const names = gateway.upstream.received.at(-1)?.rawHeaders.map((name) => name.toLowerCase())
  expect(names?.filter((name) => name === 'content-length')).toHaveLength(1)
  expect(gateway.upstream.received.at(-1)?.headers['content-length']).toBe(String(SIZE))
})

test('H11 trailers are never merged into the headers', async () => {
  const trailers = 'X-Mcp-Subject: root\r\nAuthorization: Bearer x\r\n'
  const chunks = `${SIZE.toString(16)}\r\n${ALLOWED}\r\n0\r\n${trailers}\r\n`
  const [answer] = await overWire(gateway.origin, chunked(aim, chunks, 'Trailer: X-Mcp-Subject\r\n'), 1)
  expect(answer?.status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.headers).toMatchObject({ 'x-mcp-subject': 'user-1' })
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('authorization')
  expect(gateway.upstream.received.at(-1)?.headers).not.toHaveProperty('trailer')
})
