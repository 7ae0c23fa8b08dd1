// An upstream's bytes → one answer, however they are cut; and what is no answer. That nothing is accepted which node's
// own parser reads differently is tested in response-agreement.test.ts.
import { describe, expect, test } from 'vitest'
import type { KnownNames } from '../../src/upstream/response-head.ts'
import { createResponseReader } from '../../src/upstream/response-reader.ts'

interface Read {
  readonly status?: number
  readonly headers?: readonly string[]
  readonly body: string
  readonly fault?: string | undefined
  readonly done: boolean
  readonly reusable: boolean
}

/** Kept from one answer to the next, as an upstream's connections do. */
const known: KnownNames = []

/** Pushes the pieces one after another; `closed`: and then the connection ends. */
function read(pieces: readonly string[], closed = false): Read {
  let head: { status: number; headers: readonly string[] } | undefined
  const body: string[] = []
  const reader = createResponseReader(
    {
      head: (status, headers) => {
        head = { status, headers }
      },
      data: (piece) => body.push(piece.toString('latin1')),
    },
    known,
  )
  let fault: string | undefined
  for (const piece of pieces) fault ??= reader.push(Buffer.from(piece, 'latin1'))
  if (closed) fault ??= reader.finish()
  const { done, reusable } = reader
  return { ...head, body: body.join(''), ...(fault === undefined ? {} : { fault }), done, reusable }
}

const LINE = 'HTTP/1.1 200 OK\r\n'
const WHOLE = { status: 200, done: true, reusable: true }

interface Answer {
  readonly bytes: string
  readonly closed?: boolean
  readonly is: Partial<Read>
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  'a length': {
    bytes: `${LINE}Content-Length: 5\r\nX-A:  b c \t\r\n\r\nhello`,
    is: { ...WHOLE, headers: ['content-length', '5', 'x-a', 'b c'], body: 'hello' },
  },
  'a length of nothing': { bytes: `${LINE}Content-Length: 0\r\n\r\n`, is: { ...WHOLE, body: '' } },
  'no reason phrase': { bytes: 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', is: WHOLE },
  chunks: {
    bytes: `${LINE}Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n`,
    is: { ...WHOLE, body: 'abc0123456789' },
  },
  'L36 chunks with trailers, which stay behind': {
    bytes: `${LINE}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Mcp-Subject: root\r\n\r\n`,
    is: { ...WHOLE, headers: ['transfer-encoding', 'chunked'], body: 'a' },
  },
  'a body until the end': {
    bytes: `${LINE}\r\nhello`,
    closed: true,
    is: { status: 200, body: 'hello', done: true, reusable: false },
  },
  'HTTP/1.0': {
    bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na',
    is: { body: 'a', done: true, reusable: false },
  },
  'HTTP/1.0 that keeps the connection': {
    bytes: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na',
    is: { ...WHOLE, body: 'a' },
  },
  'HTTP/1.0 that keeps the connection and closes it': {
    bytes: 'HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 1\r\n\r\na',
    is: { body: 'a', done: true, reusable: false },
  },
  'Connection: close': {
    bytes: `${LINE}Connection: Close\r\nContent-Length: 1\r\n\r\na`,
    is: { body: 'a', done: true, reusable: false },
  },
  'L29 interim answers before it': {
    bytes: `${'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(10)}${LINE}Content-Length: 1\r\n\r\na`,
    is: { ...WHOLE, headers: ['content-length', '1'], body: 'a' },
  },
  'L30 204': {
    bytes: 'HTTP/1.1 204 No Content\r\n\r\n',
    is: { status: 204, body: '', done: true, reusable: true },
  },
  'L30 304 with the length of what it stands for': {
    bytes: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    is: { status: 304, body: '', done: true, reusable: true },
  },
  'L30 204 that announces a body ends its connection': {
    bytes: 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n',
    is: { status: 204, body: '', done: true, reusable: false },
  },
  'L32 one answer and the beginning of another': {
    bytes: `${LINE}Content-Length: 1\r\n\r\naHTTP/1.1 200`,
    is: { body: 'a', done: true, reusable: false },
  },
  'L32 chunks and a byte more': {
    bytes: `${LINE}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nX`,
    is: { body: 'a', done: true, reusable: false },
  },
}

describe.each(Object.entries(ANSWERS))('%s', (_what, { bytes, closed, is }) => {
  test('in one piece', () => expect(read([bytes], closed)).toMatchObject(is))
  test('byte by byte', () => expect(read([...bytes], closed)).toMatchObject(is))
  test('cut once, anywhere', () => {
    for (let at = 1; at < bytes.length; at += 1)
      expect(read([bytes.slice(0, at), bytes.slice(at)], closed), `cut at ${at}`).toMatchObject(is)
  })
})

const FAULTS: Readonly<Record<string, string>> = {
  'F04 no HTTP': 'SSH-2.0-OpenSSH\r\n\r\n',
  'F04 HTTP/2': 'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\n\r\n',
  'an empty line first': `\r\n${LINE}\r\n`,
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\n\r\n',
  'a bare CR in the reason': 'HTTP/1.1 200 O\rK\r\n\r\n',
  'L31 a bare CR in a value': `${LINE}X: a\rSet-Cookie: b\r\n\r\n`,
  'L31 a bare LF in a value': `${LINE}X: a\nSet-Cookie: b\r\n\r\n`,
  'L31 a NUL in a value': `${LINE}X: a\0b\r\n\r\n`,
  'L31 a folded line': `${LINE}X: a\r\n b\r\n\r\n`,
  'L31 a space before the colon': `${LINE}X : a\r\n\r\n`,
  'L31 a line without a colon': `${LINE}X\r\n\r\n`,
  'L31 no name': `${LINE}: a\r\n\r\n`,
  'L31 both framings': `${LINE}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'L31 two lengths': `${LINE}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
  'L31 a list of lengths': `${LINE}Content-Length: 1, 1\r\n\r\n`,
  'L31 a length with a sign': `${LINE}Content-Length: +1\r\n\r\n`,
  'L31 a hexadecimal length': `${LINE}Content-Length: 0x1\r\n\r\n`,
  'L31 an empty length': `${LINE}Content-Length:\r\n\r\n`,
  'L31 a length beyond all numbers': `${LINE}Content-Length: 99999999999999999999\r\n\r\n`,
  'L31 another coding': `${LINE}Transfer-Encoding: gzip, chunked\r\n\r\n`,
  'L31 two codings': `${LINE}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'L31 chunks on HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'L29 101': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'L29 eleven interim answers': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(11),
  'L29 an interim answer on HTTP/1.0': `HTTP/1.0 100 Continue\r\n\r\n${LINE}Content-Length: 0\r\n\r\n`,
  'L31 a tab behind a length': `${LINE}Content-Length: 1\t\r\n\r\na`,
  'L31 a tab behind a coding': `${LINE}X: a\r\nTransfer-Encoding: chunked \t \r\n\r\n0\r\n\r\n`,
  'L29 a head without an end': `${LINE}${'X-A: 1\r\n'.repeat(3_000)}`,
  'a size that is no number': `${LINE}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
  'a negative size': `${LINE}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
  'a size beyond all numbers': `${LINE}Transfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n`,
  'a size line that ends with LF': `${LINE}Transfer-Encoding: chunked\r\n\r\n1\na\r\n`,
  'a chunk longer than its size': `${LINE}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
  'an extension without an end': `${LINE}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(5_000)}`,
  'a malformed trailer': `${LINE}Transfer-Encoding: chunked\r\n\r\n0\r\nX : a\r\n\r\n`,
  'a length in the trailers': `${LINE}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n`,
  'a transfer coding in the trailers': `${LINE}Transfer-Encoding: chunked\r\n\r\n0\r\ntransfer-encoding:\r\n\r\n`,
  'trailers without an end': `${LINE}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X-A: 1\r\n'.repeat(4_000)}`,
}

test.each(Object.entries(FAULTS))('%s is a fault, in one piece and byte by byte', (_what, bytes) => {
  expect(read([bytes])).toMatchObject({ fault: expect.any(String), done: false, reusable: false })
  expect(read([...bytes])).toMatchObject({ fault: expect.any(String), done: false, reusable: false })
})

test.each(Object.entries(ANSWERS).filter(([, { closed }]) => closed !== true))(
  'L27 %s that breaks off is not whole',
  (_what, { bytes, is }) => {
    const whole = bytes.length - (is.body === 'a' && is.reusable === false ? 20 : 1)
    for (let at = 0; at < Math.min(whole, bytes.length); at += 7)
      expect(read([bytes.slice(0, at)], true), `cut at ${at}`).toMatchObject({ fault: expect.any(String) })
  },
)

test('the seconds that an upstream means to keep the connection', () => {
  const told = (line: string) => {
    const reader = createResponseReader({ head: () => {}, data: () => {} }, known)
    reader.push(Buffer.from(`${LINE}${line}Content-Length: 0\r\n\r\n`))
    return reader.keepAliveSeconds
  }
  expect(told('Keep-Alive: timeout=5, max=100\r\n')).toBe(5)
  expect(told('Keep-Alive: max=3,Timeout = 2\r\n')).toBe(2)
  expect(told('Keep-Alive: xtimeout=5\r\n')).toBeUndefined()
  expect(told('')).toBeUndefined()
})
