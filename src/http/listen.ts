// The listening socket: node's HTTP server with its limits, TLS whose files may change, and an end that lets
// open requests finish. Knows nothing of what is served. Nobody listens for `upgrade`, so node reads such a request
// as an ordinary one (RFC 9110 §7.8), which clients that offer h2c on plain connections need (H41, G14).
import { readFileSync } from 'node:fs'
import http, { type RequestListener, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Address, TlsFiles } from '../core/settings.ts'

/** Headers of a request in bytes, with room below the 16 KiB that upstreams take, for those we add (H21). */
const MAX_HEADER_BYTES = 12_288
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_TIMEOUT_MS = 65_000
const MAX_CONNECTIONS = 20_000

export interface Listener {
  /** As it really is, with the port that was given for port 0. */
  readonly address: Address
  /** Reads certificate and key again; throws, and keeps the old ones, when they cannot be used. */
  reloadTls(): void
  /** Stops accepting, waits for open requests at most so long, then closes what is left. */
  close(drainMs: number): Promise<void>
}

export interface ListenOptions {
  readonly address: Address
  readonly tls: TlsFiles | undefined
  readonly handle: RequestListener
}

export async function listen(options: ListenOptions): Promise<Listener> {
  const { tls } = options
  /** The last answer on each connection that was asked something. */
  const answers = new Map<Socket, ServerResponse>()
  let stopping = false
  const handle: RequestListener = (request, response) => {
    const { socket } = request
    if (!answers.has(socket)) socket.once('close', () => answers.delete(socket))
    answers.set(socket, response)
    if (stopping) endAfter(response, socket)
    options.handle(request, response)
  }
  const server = createServer(handle, tls)
  server.headersTimeout = HEADERS_TIMEOUT_MS // D01
  server.requestTimeout = REQUEST_TIMEOUT_MS // D02
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS
  server.maxHeadersCount = 0 // counted by http/inbound.ts, which refuses instead of dropping
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = 0
  server.on('clientError', (error, socket: Socket) => answerClientError(error, socket, answers.get(socket)))
  // H08: the body is asked for when it is read, so a refusal comes before it is sent.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  server.on('connect', (_request, socket: Socket) => endWith(socket, '501 Not Implemented')) // H29
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.address.port, options.address.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    address: { host: options.address.host, port },
    reloadTls() {
      if (tls && 'setSecureContext' in server) (server as https.Server).setSecureContext(readPair(tls))
    },
    close(drainMs) {
      stopping = true
      for (const [socket, response] of answers) endAfter(response, socket)
      return drain(server, drainMs)
    },
  }
}

function createServer(handle: RequestListener, tls: TlsFiles | undefined): Server {
  const limits = { maxHeaderSize: MAX_HEADER_BYTES, insecureHTTPParser: false, keepAlive: true }
  if (tls === undefined) return http.createServer(limits, handle)
  return https.createServer({ ...limits, ...readPair(tls), minVersion: 'TLSv1.2' }, handle)
}

function readPair(tls: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
}

const PARSER_ANSWERS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large', // H10
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/**
 * What the parser refuses never becomes a request; its answer has no body and ends the connection. After the head of
 * another answer there is no room for it, or the client would take it for the next one (H43).
 */
function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  last: ServerResponse | undefined,
): void {
  if (last?.headersSent && !last.writableFinished) socket.destroy()
  else endWith(socket, PARSER_ANSWERS[error.code ?? ''] ?? '400 Bad Request')
}

function endWith(socket: Socket, status: string): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  else socket.destroy()
}

function drain(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
  })
}

/** A kept-alive connection would wait for a next request that may not come; nothing of its answer is cut. */
function endAfter(response: ServerResponse, socket: Socket): void {
  if (response.writableFinished) socket.end()
  else response.once('finish', () => socket.end())
}
