// An upstream that says one thing too many: a moment after each whole answer on a kept connection it writes a 408, as
// servers and proxies do when they take the connection for an idle one. Answers say who asked.
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface LateUpstream {
  readonly url: string
  /** How many connections there have been. */
  connections(): number
  close(): Promise<void>
}

const LATE = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'
const LATE_AFTER_MS = 1

/** What the gateway told about the caller is what the answer says; its id is that of the request. */
export async function startLateUpstream(form: 'json' | 'events'): Promise<LateUpstream> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket.setNoDelay(true))
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    answerEach(socket, form === 'json' ? inJson : inEvents)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerEach(socket: Socket, write: (message: string) => string): void {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/.exec(text)?.[1] ?? 0)
    if (end < 0 || text.length < end + 4 + length) return
    const caller = /x-mcp-subject: (\S+)/.exec(text)?.[1]
    const { id } = JSON.parse(text.slice(end + 4, end + 4 + length))
    text = text.slice(end + 4 + length)
    const result = { content: [{ type: 'text', text: caller }] }
    socket.write(write(JSON.stringify({ jsonrpc: '2.0', id, result })))
    setTimeout(() => socket.write(LATE), LATE_AFTER_MS)
  })
}

function inJson(message: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${message.length}\r\n\r\n${message}`
}

function inEvents(message: string): string {
  const event = `event: message\ndata: ${message}\n\n`
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'
  return `${head}${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`
}
