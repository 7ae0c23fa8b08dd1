// The line from the gateway to its own authorization server: HTTP inside the process, without a socket. The public
// URL may not be reachable from here, and what is said (codes, tokens) should not leave the process.
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import { duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Line, LineRequest } from '../sign-in/line.ts'

/** Our own server, so this is only reached by a bug. */
const TIMEOUT_MS = 10_000

export function createOwnLine(handle: RequestListener): Line {
  const server = http.createServer(handle)
  return {
    async ask(url, request) {
      const answer = await send(server, new URL(url), request)
      return new Response(await text(answer), {
        status: answer.statusCode ?? 500,
        headers: toPairs(answer.rawHeaders),
      })
    },
    close: async () => server.closeAllConnections(),
  }
}

function send(server: http.Server, url: URL, request: LineRequest): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = request
  const [ours, theirs] = duplexPair()
  server.emit('connection', theirs)
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
