// Answers of an upstream with a few bytes changed, and what two readers take each for: the gateway's own, and node's
// HTTP client, which is strict as it comes.
import { type ClientRequest, type RequestOptions, request } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import type { KnownNames } from '../../src/upstream/response-head.ts'
import { createResponseReader } from '../../src/upstream/response-reader.ts'

export interface Whole {
  readonly status: number
  /** Lower-case names. */
  readonly headers: readonly string[]
  readonly body: string
}

/** The first answer in some bytes. */
export interface Taken {
  readonly whole: Whole
  /** Those that the answer is. */
  readonly bytes: Buffer
  /** Whether only the end of the connection ends it. */
  readonly untilClose: boolean
}

/** Undefined when there is no answer. `pieceBytes`: how many come at a time. */
export function takenByOurs(bytes: Buffer, known: KnownNames, pieceBytes = 1): Taken | undefined {
  let head: Pick<Whole, 'status' | 'headers'> | undefined
  const body: Buffer[] = []
  const reader = createResponseReader(
    {
      head: (status, headers) => {
        head = { status, headers: [...headers] }
      },
      data: (piece) => body.push(Buffer.from(piece)),
    },
    known,
  )
  let read = 0
  while (read < bytes.length && !reader.done) {
    if (reader.push(Buffer.from(bytes.subarray(read, read + pieceBytes))) !== undefined) return undefined
    read += pieceBytes
  }
  const untilClose = !reader.done
  if (reader.finish() !== undefined || head === undefined) return undefined
  const whole = { ...head, body: Buffer.concat(body).toString('latin1') }
  return { whole, bytes: bytes.subarray(0, read), untilClose }
}

/** What node's client takes for the answer of whoever `options` names. */
export function takenByNode(options: RequestOptions): Promise<Whole | undefined> {
  return new Promise((resolve) => {
    const call: ClientRequest = request({ ...options, insecureHTTPParser: false }, (response) => {
      const body: Buffer[] = []
      response.on('data', (chunk: Buffer) => body.push(chunk))
      response.on('error', () => resolve(undefined))
      response.on('end', () => {
        const headers = response.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
        resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(body).toString('latin1') })
      })
    })
    call.on('error', () => resolve(undefined))
    call.on('upgrade', (_response, socket) => resolve(void socket.destroy()))
    call.end()
  })
}

/** A connection without sockets: what is pushed is what comes. */
class Wire extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done()
  }
}

/**
 * The same bytes as node's client takes them; undefined too when it sees the end of the answer before the last of them,
 * or, unless the connection has to close, does not see it with that one.
 */
export async function takenByNodeWithin({ bytes, untilClose }: Taken): Promise<Whole | undefined> {
  const wire = new Wire()
  let ended = false
  const taken = takenByNode({ createConnection: () => wire }).finally(() => {
    ended = true
  })
  wire.push(bytes.subarray(0, -1))
  await turns()
  const early = ended
  wire.push(bytes.subarray(-1))
  await turns()
  const inTime = ended !== untilClose
  wire.push(null)
  const whole = await taken
  wire.destroy()
  return early || !inTime ? undefined : whole
}

async function turns(): Promise<void> {
  await setImmediate()
  await setImmediate()
}

const body = fc.string({ maxLength: 40, unit: fc.constantFrom('a', '0', '\r', '\n', ':', ' ', '{') })
const extension = fc.constantFrom('', '', '', ';a', ';a=b', ';a="x;\t y"', ';a=b;c')
const trailer = fc.constantFrom('', '', '', 'X-T: 1\r\n', 'Content-Length: 3\r\n')
const chunked = fc
  .tuple(fc.array(fc.tuple(body, extension), { maxLength: 4 }), trailer)
  .map(([chunks, last]) => {
    const lines = chunks
      .filter(([text]) => text !== '')
      .map(([text, more]) => `${text.length.toString(16)}${more}\r\n${text}\r\n`)
    return `Transfer-Encoding: chunked\r\n\r\n${lines.join('')}0\r\n${last}\r\n`
  })
const framed = fc.oneof(
  body.map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`),
  chunked,
  body.map((text) => `\r\n${text}`),
)
const field = fc.constantFrom(
  ...['X-A: 1\r\n', 'X-B:\r\n', 'Connection: close\r\n', 'Connection: keep-alive\r\n', 'X-C: a, "b" \t\r\n'],
  ...['Content-Type: application/json\r\n', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n'],
  ...['Keep-Alive: timeout=5\r\n', 'X-D: \x80\xff\r\n', 'Set-Cookie: a=b\r\n', 'Trailer: X-T\r\n'],
)
const interim = fc.constantFrom(
  ...['', '', '', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
  'HTTP/1.1 103 E\r\nX: 1\r\n\r\n',
)
const status = fc.constantFrom('200 OK', '202 Accepted', '204 No', '304 No', '400 Bad', '503', '200 ')
const surplus = fc.constantFrom('', '', '', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '\r\n')
const answer = fc
  .tuple(
    ...[interim, fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'), status],
    fc.array(field, { maxLength: 3 }).map((fields) => fields.join('')),
    ...[framed, surplus],
  )
  .map(
    ([before, version, line, fields, rest, after]) =>
      `${before}${version} ${line}\r\n${fields}${rest}${after}`,
  )
const edit = fc.record({
  at: fc.nat(),
  drop: fc.integer({ min: 0, max: 2 }),
  add: fc.constantFrom(
    ...['', '\r', '\n', '\r\n', ' ', '\t', ':', ',', '0', '1', 'f', 'X', '\0', '\x0b', '\xa0', ';', '-', '+'],
    ...['"', '=', '\x7f', '\r\n ', '\r\n\r\n', ', 3', 'gzip, ', 'chunked', 'Content-Length: 3\r\n'],
  ),
})

export const changedAnswer: fc.Arbitrary<Buffer> = fc
  .tuple(answer, fc.array(edit, { maxLength: 2 }))
  .map(([text, edits]) => {
    let changed = text
    for (const { at, drop, add } of edits) {
      const from = at % (changed.length + 1)
      changed = changed.slice(0, from) + add + changed.slice(from + drop)
    }
    return Buffer.from(changed, 'latin1')
  })
