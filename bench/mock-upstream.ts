// An MCP server in this process, as far as reloads and drains need one: it answers a call of `slow_*` with a
// stream of events that ends by itself, any other call at once. Throughput is measured against nginx instead.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { REPLY_BODY } from './scene.ts'

export const EVENT_INTERVAL_MS = 100
/** The tools whose answer is a stream, and one of them whose stream never ends. */
export const STREAMING_TOOL = 'search_slowly'
export const ENDLESS_TOOL = 'search_endlessly'

export interface MockUpstream {
  readonly port: number
  close(): void
}

/** `events` is how many progress events precede the result of a stream. */
export async function startMockUpstream(events: number): Promise<MockUpstream> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => answer(body, response, events))
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer(body: string, response: ServerResponse, events: number): void {
  if (body.includes(STREAMING_TOOL)) stream(response, events)
  else if (body.includes(ENDLESS_TOOL)) stream(response, Number.POSITIVE_INFINITY)
  else {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': REPLY_BODY.length })
    response.end(REPLY_BODY)
  }
}

function stream(response: ServerResponse, events: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const send = (): void => {
    if (sent < events) {
      sent++
      response.write(`data: ${progress(sent)}\n\n`)
      return
    }
    clearInterval(timer)
    response.end(`data: ${REPLY_BODY}\n\n`)
  }
  const timer = setInterval(send, EVENT_INTERVAL_MS)
  response.once('close', () => clearInterval(timer))
  send()
}

function progress(step: number): string {
  const params = { progressToken: 1, progress: step }
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })
}
