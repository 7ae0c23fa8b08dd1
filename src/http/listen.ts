// The listening socket: node's HTTP server with its limits, TLS whose files may change, and an end that lets
// open requests finish. Knows nothing of what is served. Nobody listens for `upgrade`, so node reads such a request
// as an ordinary one (RFC 9110 §7.8), which clients that offer h2c on plain connections need (H41, G14).
import { readFileSync } from 'node:fs'
import http, { type RequestListener, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Address, TlsFiles } from '../core/settings.ts'
import { createNetworkShares, type NetworkShareOptions } from './network-shares.ts'
import { end, endAfter, PendingAnswers } from './pending.ts'
import { createSlowClients } from './slow-clients.ts'

/** How long the last bytes may take to reach clients after the drain. */
const LAST_WORDS_MS = 1_000

export interface ListenerLimits {
  /** D01: until the headers of a request are whole. */
  readonly headersMs: number
  /** D02: until a request is whole. */
  readonly requestMs: number
  /** D03: how long a client may take nothing of what was written. */
  readonly stallMs: number
  /** How much of it a client must take in a second. */
  readonly minTakenPerSecond: number
  /** How often these three times are checked. */
  readonly checkMs: number
  /** D04: until the next request on a connection. */
  readonly keepAliveMs: number
  readonly maxConnections: number
}

export const LISTENER_LIMITS: ListenerLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  stallMs: 120_000,
  minTakenPerSecond: 8_192,
  checkMs: 1_000,
  keepAliveMs: 65_000,
  maxConnections: 20_000,
}

export interface Listener {
  /** As it really is, with the port that was given for port 0. */
  readonly address: Address
  /** Reads certificate and key again; throws when they cannot be used. The result serves with them from then on. */
  readTls(): () => void
  /**
   * Stops accepting, waits for open requests at most so long, then closes what is left. `onOver` is called a moment before
   * that, so that those who still wait can be told.
   */
  close(drainMs: number, onOver?: () => void): Promise<void>
}

export interface ListenOptions {
  readonly address: Address
  readonly tls: TlsFiles | undefined
  readonly handle: RequestListener
  readonly networks: NetworkShareOptions
  /**
   * How large the header of a request may be. The default leaves room below the 16 KiB that upstreams accept, for the
   * fields that the gateway adds (H21).
   */
  readonly headerBytes?: number
  readonly limits?: ListenerLimits
}

const DEFAULT_HEADER_BYTES = 12_288

export async function listen(options: ListenOptions): Promise<Listener> {
  const { tls, headerBytes = DEFAULT_HEADER_BYTES, limits = LISTENER_LIMITS } = options
  const shares = createNetworkShares(limits.maxConnections, options.networks)
  const pending = new PendingAnswers((socket) => shares.onFirstRequest(socket))
  const handle: RequestListener = (request, response) => {
    if (pending.add(response, request.socket)) options.handle(request, response)
  }
  const server = createServer(handle, tls, limits, headerBytes)
  server.maxHeadersCount = 0 // counted by http/inbound.ts, which refuses instead of dropping
  // F40: a worker that is full drops a connection; node would hand it round from one to the next without end.
  Object.assign(server, { maxConnections: limits.maxConnections, dropMaxConnection: true })
  server.timeout = 0
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    shares.add(socket)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const unreadable = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') socket.destroy() // D01: no request came that could be answered
    if (unreadable.has(socket)) return // node tells of each piece that comes after the first
    unreadable.add(socket)
    const status = PARSER_ANSWERS[error.code ?? ''] ?? '400 Bad Request'
    const words = error.code === 'HPE_HEADER_OVERFLOW' ? tooLarge(headerBytes) : ''
    answerUnreadable({ status, words }, socket, pending.of(socket))
  })
  // H08: the body is asked for when it is read, so a refusal comes before it is sent.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  server.on('connect', (_request, socket: Socket) => {
    // Node no longer handles errors and timeouts of this socket.
    socket.on('error', () => {}).on('timeout', () => socket.destroy())
    socket.resume()
    answerUnreadable({ status: '501 Not Implemented', words: '' }, socket, pending.of(socket)) // H29
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.address.port, options.address.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const slow = createSlowClients({ ...limits, nextRequestMs: limits.keepAliveMs + limits.headersMs })
  const watch = setInterval(() => {
    const now = performance.now()
    pending.forget()
    for (const [socket, asked] of pending.connections()) slow.look(socket, asked, now)
  }, limits.checkMs)
  const { port } = server.address() as AddressInfo
  return {
    address: { host: options.address.host, port },
    readTls() {
      if (tls === undefined) return () => {}
      const pair = readPair(tls)
      createSecureContext(pair)
      return () => (server as https.Server).setSecureContext(pair)
    },
    close(drainMs, onOver = () => {}) {
      clearInterval(watch)
      pending.endAll()
      return drain(server, sockets, drainMs, onOver)
    },
  }
}

function createServer(
  handle: RequestListener,
  tls: TlsFiles | undefined,
  limits: ListenerLimits,
  headerBytes: number,
): Server {
  const options = {
    maxHeaderSize: headerBytes,
    insecureHTTPParser: false,
    keepAlive: true,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs, // node looks every 30 s by itself
    keepAliveTimeout: limits.keepAliveMs,
  }
  if (tls === undefined) return http.createServer(options, handle)
  const handshake = { ...readPair(tls), minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs } as const
  return https.createServer({ ...options, ...handshake }, handle)
}

function readPair(tls: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
}

const PARSER_ANSWERS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large', // H10
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

interface Unreadable {
  readonly status: string
  /** JSON, or nothing. */
  readonly words: string
}

/** A client with a long token or session id has to know what is too long. */
function tooLarge(bytes: number): string {
  const description = `Too large: the head of the request is longer than ${bytes} bytes`
  return JSON.stringify({ error: 'request_header_fields_too_large', error_description: description })
}

/**
 * What cannot be read never becomes a request; its answer says little and ends the connection. When another answer has
 * begun there is none, since the client would take it for a part of that one (H43). Requests that came whole before it
 * are answered, and then the connection ends without another word.
 */
function answerUnreadable(answer: Unreadable, socket: Socket, pending: readonly ServerResponse[]): void {
  const whole = pending.filter(({ req }) => req.complete)
  if (pending[0]?.headersSent)
    socket.destroy() // the others wait for it
  else if (whole.length === 0) endWith(socket, answer)
  else endAfter(socket, whole)
}

function endWith(socket: Socket, { status, words }: Unreadable): void {
  const type = words === '' ? '' : 'content-type: application/json\r\n'
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\n${type}content-length: ${words.length}\r\n\r\n`
  if (socket.writable) end(socket, head + words)
  else socket.destroy()
}

/** Node's own list leaves out connections in a TLS handshake, and those that it handed over. */
function drain(
  server: Server,
  sockets: ReadonlySet<Socket>,
  drainMs: number,
  onOver: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    const destroy = () => {
      for (const socket of sockets) socket.destroy()
    }
    let timer = setTimeout(() => {
      onOver()
      timer = setTimeout(destroy, LAST_WORDS_MS)
    }, drainMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
