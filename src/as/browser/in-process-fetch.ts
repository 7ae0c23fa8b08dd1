// The line from the gateway to its own authorization server: HTTP inside the process, without a socket. The public
// URL may not be reachable from here, and what is said (codes, tokens) should not leave the process.
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { ASK_PLAIN, CODED, isCoded, readUpTo } from '../../lib/plain-answer.ts'
import { type FetchClient, type FetchRequest, NoAnswer } from '../sign-in/fetch-client.ts'

/** Our own server, so this is only reached by a bug. */
const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 512 * 1_024

export interface InProcessFetch {
  /** For the person at this address: what fails is counted against them (H3), and not against everybody's gateway. */
  forAddress(address: string): CallerFetch
  close(): void
}

export interface CallerFetch extends Pick<FetchClient, 'ask'> {
  /** Throws what our own server threw meanwhile: that is a fault of ours, and a refusal would hide it. */
  throwFault(): void
}

type Handle = (request: IncomingMessage, response: ServerResponse, address: string) => Promise<void>

interface Caller {
  readonly address: string
  fault?: unknown
}

export function createInProcessFetch(handle: Handle): InProcessFetch {
  const callers = new WeakMap<object, Caller>()
  const server = http.createServer(async (request, response) => {
    const caller = callers.get(request.socket) ?? { address: '' }
    try {
      await handle(request, response, caller.address)
    } catch (error) {
      caller.fault = error
      if (!response.writableEnded) response.destroy()
    }
  })
  return {
    forAddress(address) {
      const caller: Caller = { address }
      return {
        async ask(url, request) {
          const [ours, theirs] = duplexPair()
          callers.set(theirs, caller)
          server.emit('connection', theirs)
          const answer = await send(ours, new URL(url), request)
          if (answer.statusCode === 503) throw new NoAnswer('its data cannot be reached')
          if (isCoded(answer.headers['content-encoding'])) throw new NoAnswer(CODED)
          const chunks = await readUpTo(answer, MAX_ANSWER_BYTES)
          if (chunks === undefined) throw new NoAnswer(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
          return new Response(Buffer.concat(chunks), {
            status: answer.statusCode ?? 500,
            headers: toPairs(answer.rawHeaders),
          })
        },
        throwFault() {
          if (caller.fault !== undefined) throw caller.fault
        },
      }
    },
    close: () => server.closeAllConnections(),
  }
}

function send(ours: Duplex, url: URL, request: FetchRequest): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = request
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = http.request({
    method,
    path: url.pathname + url.search,
    headers: { ...headers, ...ASK_PLAIN, host: url.host, connection: 'close' },
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
