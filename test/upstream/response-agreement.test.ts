// What our reader takes for a whole answer, node's own parser takes for the same one: random answers with a few bytes
// changed, over real sockets. The other way round need not hold; ours refuses more.
import { Agent, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KnownNames } from '../../src/upstream/response-head.ts'
import { createResponseReader } from '../../src/upstream/response-reader.ts'

const RUNS = 400
const known: KnownNames = [] // kept from one answer to the next, as an upstream's connections do
let bytes = Buffer.alloc(0)
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.end(bytes))
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

interface Whole {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

/** The first answer in `bytes`, which lose what follows it; undefined when there is none. */
function ours(): Whole | undefined {
  let head: Pick<Whole, 'status' | 'headers'> | undefined
  const body: Buffer[] = []
  const reader = createResponseReader(
    {
      head: (status, headers) => {
        head = { status, headers }
      },
      data: (piece) => body.push(Buffer.from(piece)),
    },
    known,
  )
  let read = 0
  while (read < bytes.length && !reader.done) {
    if (reader.push(bytes.subarray(read, read + 1)) !== undefined) return undefined
    read += 1
  }
  if (reader.finish() !== undefined || head === undefined) return undefined
  bytes = bytes.subarray(0, read)
  return { ...head, body: Buffer.concat(body).toString('latin1') }
}

/** Node's client, in its strict mode. */
function nodes(): Promise<Whole | undefined> {
  return new Promise((resolve) => {
    const { port } = server.address() as AddressInfo
    const agent = new Agent({ keepAlive: false })
    const call = request({ port, host: '127.0.0.1', agent, insecureHTTPParser: false }, (response) => {
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

const body = fc.string({ maxLength: 40, unit: fc.constantFrom('a', '0', '\r', '\n', ':', ' ', '{') })
const framed = fc.oneof(
  body.map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`),
  fc.array(body, { maxLength: 4 }).map((chunks) => {
    const parts = chunks.filter((chunk) => chunk !== '')
    const lines = parts.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    return `Transfer-Encoding: chunked\r\n\r\n${lines.join('')}0\r\n\r\n`
  }),
  body.map((text) => `\r\n${text}`),
)
const field = fc.constantFrom(
  ...['X-A: 1\r\n', 'X-B:\r\n', 'Connection: close\r\n', 'Connection: keep-alive\r\n', 'X-C: a, "b" \t\r\n'],
  ...['Content-Type: application/json\r\n', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n'],
)
const status = fc.constantFrom('200 OK', '202 Accepted', '204 No', '304 No', '400 Bad', '503', '200 ')
const answer = fc
  .tuple(fc.constantFrom('HTTP/1.1', 'HTTP/1.0'), status, fc.array(field, { maxLength: 3 }), framed)
  .map(([version, line, fields, rest]) => `${version} ${line}\r\n${fields.join('')}${rest}`)
const edit = fc.record({
  at: fc.nat(),
  drop: fc.integer({ min: 0, max: 2 }),
  add: fc.constantFrom(
    '',
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ':',
    ',',
    '0',
    '1',
    'f',
    'X',
    '\0',
    '\x0b',
    '\xa0',
    ';',
  ),
})

test('L31 L32 whatever our reader accepts, node reads alike', async () => {
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(answer, fc.array(edit, { maxLength: 2 }), async (text, edits) => {
      let changed = text
      for (const { at, drop, add } of edits) {
        const from = at % (changed.length + 1)
        changed = changed.slice(0, from) + add + changed.slice(from + drop)
      }
      bytes = Buffer.from(changed, 'latin1')
      const mine = ours()
      if (mine === undefined) return
      accepted += 1
      expect(mine).toEqual(await nodes())
    }),
    { numRuns: RUNS },
  )
  expect(accepted).toBeGreaterThan(RUNS / 4) // else the test compares nothing
})
