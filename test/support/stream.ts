// A response that is read while it comes, on a connection of its own: what arrived so far, whether the end was
// whole or cut, and a client that stops reading or leaves. Understands no events; a test compares the bytes.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Received, TestUpstream } from './upstream.ts'

export interface OpenStream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Without the comment with which a stream that only listens begins. */
  text(): string
  /** With it. */
  raw(): string
  /** Resolves when the text holds this; rejects when the response ended without it. */
  until(part: string): Promise<string>
  /** How the response ended: with its last chunk, or without it. */
  readonly ended: Promise<'whole' | 'cut'>
  readonly incoming: IncomingMessage
  /** Closes the connection. */
  leave(): void
}

export interface StreamRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: unknown
}

/** Resolves when the response's head is there. */
export function openStream(url: string, options: StreamRequest = {}): Promise<OpenStream> {
  return startRequest(url, options).head
}

export interface Started {
  readonly head: Promise<OpenStream>
  leave(): void
}

/** The same for a client that may leave before there is any answer; `head` then rejects. */
export function startRequest(url: string, { method = 'GET', headers = {}, body }: StreamRequest): Started {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  const type = payload === undefined ? {} : { 'content-type': 'application/json' }
  const sent = request(url, { method, agent: false, headers: { ...type, ...headers } })
  const head = new Promise<OpenStream>((resolve, reject) => {
    sent.on('response', (incoming) => resolve(watch(incoming, () => sent.destroy())))
    sent.on('error', reject)
  })
  head.catch(() => {}) // told to whoever waits for it
  sent.end(payload)
  return { head, leave: () => sent.destroy() }
}

function watch(incoming: IncomingMessage, leave: () => void): OpenStream {
  let raw = ''
  const text = () => (raw.startsWith(':\n\n') ? raw.slice(3) : raw)
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    raw += chunk
  })
  incoming.on('error', () => {}) // told by `ended`
  const ended = new Promise<'whole' | 'cut'>((resolve) => {
    incoming.on('close', () => resolve(incoming.complete ? 'whole' : 'cut'))
  })
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text,
    raw: () => raw,
    until: (part) =>
      new Promise((resolve, reject) => {
        const look = () => (text().includes(part) ? resolve(text()) : undefined)
        incoming.on('data', look)
        incoming.on('close', () => reject(new Error(`ended without ${part}: ${raw}`)))
        look()
      }),
    ended,
    incoming,
    leave,
  }
}

/** A request that reached the upstream and waits for the test to answer it. */
export interface Held {
  readonly request: Received
  readonly response: ServerResponse
  /** Resolves when its connection was closed. */
  readonly closed: Promise<void>
}

/** Makes the upstream wait; each call gives the next request that reaches it. */
export function holdRequests(upstream: TestUpstream): () => Promise<Held> {
  const waiting: Held[] = []
  const asking: ((held: Held) => void)[] = []
  upstream.respond = (request, response) => {
    const closed = new Promise<void>((resolve) => response.on('close', resolve))
    const held = { request, response, closed }
    const asker = asking.shift()
    if (asker) asker(held)
    else waiting.push(held)
  }
  return () => {
    const first = waiting.shift()
    return first ? Promise.resolve(first) : new Promise((resolve) => asking.push(resolve))
  }
}

/** Begins an event stream, so that its first bytes go out. */
export function startEvents(response: ServerResponse, first = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  if (first !== '') response.write(first)
}

/** Resolves when the server at this origin, in this process, sees the response to its next request closed. */
export function nextResponseClosed(origin: string): Promise<void> {
  const port = Number(new URL(origin).port)
  return new Promise((resolve) => {
    const look = (message: unknown) => {
      const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
      if (request.socket.localPort !== port) return
      unsubscribe('http.server.request.start', look)
      response.on('close', () => resolve())
    }
    subscribe('http.server.request.start', look)
  })
}
