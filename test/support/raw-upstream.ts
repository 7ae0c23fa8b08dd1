// An upstream that writes bytes, not HTTP: for answers that no server library would send. Reads requests only far
// enough to know that one is there.

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

export interface RawUpstream {
  readonly url: string
  /** What each socket sent, in order of connecting. */
  readonly sockets: readonly { readonly socket: Socket; text(): string }[]
  /** Called when the end of a request's header has come; `count` counts requests on this socket from 1. */
  respond: (socket: Socket, count: number) => void
  close(): Promise<void>
}

export async function startRawUpstream(): Promise<RawUpstream> {
  const sockets: { socket: Socket; text(): string }[] = []
  const server = createServer((socket) => {
    let text = ''
    let count = 0
    sockets.push({ socket, text: () => text })
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', (chunk: string) => {
      text += chunk
      const heads = text.split('\r\n\r\n').length - 1
      while (count < heads) {
        count += 1
        upstream.respond(socket, count)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream: RawUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sockets,
    respond: () => {},
    async close() {
      for (const { socket } of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return upstream
}
