// The upstream of the benchmark for streams, in a process of its own: `node upstream.ts PORT`. A call of the tool
// `stream_<kind>_<MiB>` is answered with so much; a GET is answered with a stream that says nothing.
import { createServer, type ServerResponse } from 'node:http'

const EVENT_BYTES = 1_024
const EVENTS_IN_A_WRITE = 64
const MIB = 1_048_576
const FILL = 'Buy milk and bread, then call the baker about the cake for Friday. '.repeat(20)
const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}'

export type Kind = 'plain' | 'chunks' | 'ids' | 'words' | 'escapes'

/** Text of every event, by its kind: `words` are what an answer has, `escapes` could spell them. */
const FILLS: Readonly<Record<Kind, string>> = {
  plain: FILL,
  chunks: FILL,
  ids: FILL,
  words: 'The result\\" of an error\\" was updated by results of errors. '.repeat(24),
  escapes: '\\u0072\\u0065\\u0073ult caf\\u00e9 '.repeat(48),
}

/** One event of 1 KiB; ids all have the same length. */
function eventOf(kind: Kind, number: number): string {
  const id = kind === 'ids' ? `id: ${String(number).padStart(12, '0')}\n` : ''
  const begin = `event: message\n${id}data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"`
  const end = '"}}\n\n'
  const room = EVENT_BYTES - begin.length - end.length
  const text = FILLS[kind].slice(0, room).replace(/\\[^\\]{0,5}$/, '')
  return begin + text.padEnd(room, '.') + end
}

function stream(response: ServerResponse, kind: Kind, mib: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const events = Array.from({ length: EVENTS_IN_A_WRITE }, (_, n) => eventOf(kind, n))
  const writes =
    kind === 'chunks' ? events.map((event) => Buffer.from(event)) : [Buffer.from(events.join(''))]
  let left = (mib * MIB) / EVENT_BYTES / EVENTS_IN_A_WRITE
  const more = (): void => {
    for (;;) {
      if (response.destroyed) return
      if (left === 0) return void response.end(`event: message\ndata: ${RESULT}\n\n`)
      left -= 1
      response.cork()
      for (const bytes of writes) response.write(bytes)
      response.uncork()
      if (response.writableNeedDrain) return void response.once('drain', more)
    }
  }
  more()
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    return
  }
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text
  })
  request.on('end', () => {
    const [, kind, mib] = /"stream_([a-z]+)_(\d+)"/.exec(body) ?? []
    stream(response, kind as Kind, Number(mib))
  })
})
server.keepAliveTimeout = 600_000
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 })
