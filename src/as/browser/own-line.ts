// The line from the gateway to its own authorization server: HTTP inside the process, without a socket. The public
// URL may not be reachable from here, and what is said (codes, tokens) should not leave the process.
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Line, LineRequest } from '../sign-in/line.ts'

/** Our own server, so this is only reached by a bug. */
const TIMEOUT_MS = 10_000

export interface OwnLine {
  /** A line that is counted as of this address: one person's failures must not use up everybody's allowance. */
  from(address: string): Pick<Line, 'ask'>
  close(): Promise<void>
}

export function createOwnLine(
  handle: (request: IncomingMessage, response: ServerResponse, address: string) => void,
): OwnLine {
  const addresses = new WeakMap<Duplex, string>()
  const server = http.createServer((request, response) =>
    handle(request, response, addresses.get(request.socket) ?? ''),
  )
  return {
    from: (address) => ({
      async ask(url, request) {
        const [ours, theirs] = duplexPair()
        addresses.set(theirs, address)
        server.emit('connection', theirs)
        const answer = await send(ours, new URL(url), request)
        return new Response(await text(answer), {
          status: answer.statusCode ?? 500,
          headers: toPairs(answer.rawHeaders),
        })
      },
    }),
    close: async () => server.closeAllConnections(),
  }
}

function send(ours: Duplex, url: URL, request: LineRequest): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = request
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = http.request({
    method,
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host, connection: 'close' },
    createConnection: () => ours,
    timeout: TIMEOUT_MS,
  })
  outgoing.once('response', resolve)
  outgoing.once('error', reject)
  outgoing.once('timeout', () => outgoing.destroy(new DOMException('no answer', 'TimeoutError')))
  outgoing.end(body === undefined || body === null ? undefined : String(body))
  return promise
}

function toPairs(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []))
}
