// An upstream MCP server over a real socket that records what it was sent and answers as a test says. Not a model
// of MCP: by default it echoes a result for the request's id.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export type Respond = (request: Received, response: ServerResponse, raw: IncomingMessage) => unknown

export interface TestUpstream {
  readonly url: string
  readonly received: Received[]
  /** How requests are answered; replace it at any time. */
  respond: Respond
  readonly server: Server
  readonly sockets: ReadonlySet<Socket>
  close(): Promise<void>
}

export async function startUpstream(respond: Respond = echoResult): Promise<TestUpstream> {
  const sockets = new Set<Socket>()
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const { method = '', url = '', headers, rawHeaders } = request
    const seen = { method, url, headers, rawHeaders, body }
    received.push(seen)
    await upstream.respond(seen, response, request)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const upstream: TestUpstream = {
    url: `http://127.0.0.1:${port}/mcp`,
    received,
    respond,
    server,
    sockets,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return upstream
}

/** `{"jsonrpc":"2.0","id":…,"result":{}}` for each request, 202 where there is none; a GET begins a stream. */
export function echoResult(request: Received, response: ServerResponse): void {
  const message: unknown = request.body.length > 0 ? JSON.parse(request.body.toString()) : {}
  const answers = [message].flat().flatMap(resultFor)
  if (request.method === 'GET') sendEvents(response, [': nothing\n\n'])
  else if (answers.length === 0) sendJson(response, 202, undefined)
  else sendJson(response, 200, Array.isArray(message) ? answers : answers[0])
}

function resultFor(message: unknown): object[] {
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown }
  return id === undefined || method === undefined ? [] : [{ jsonrpc: '2.0', id, result: {} }]
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (value === undefined) {
    response.writeHead(status).end()
    return
  }
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** Answers with server-sent events, each given whole. */
export function sendEvents(response: ServerResponse, events: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) response.write(event)
  response.end()
}
