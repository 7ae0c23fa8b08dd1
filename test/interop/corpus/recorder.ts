// Stands between a client and the gateway at the address that clients are told, and keeps what both said. Tokens may live
// for some seconds only: an older one is passed on with a broken signature, so that the gateway itself refuses it. An answer
// may be replaced, to see what a client makes of it.
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Came, spoiled } from '../../clients/corpus/answers.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  /** As they were written, names in lower case; without what belongs to the connection. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  came: Came | undefined
  /** That it was sent with a token whose time was over. */
  readonly ended: boolean
  /** That its answer was replaced. */
  readonly replaced: boolean
}

type Asked = Pick<Seen, 'method' | 'url' | 'body'>

/** An answer in place of the gateway's, for the nth request of a kind. */
export interface Replacement {
  readonly isMeant: (asked: Asked) => boolean
  readonly nth: number
  readonly answer: Came
}

export interface Recorder {
  readonly origin: string
  readonly seen: readonly Seen[]
  close(): Promise<void>
}

export interface RecorderOptions {
  /** Origin of the gateway, which may start later. */
  readonly target: () => string
  readonly replacement?: Replacement
  readonly tokens: TokenLife
}

/** `told`: tokens live for TOKEN_SECONDS and say so; `silent`: they end so soon and say an hour; `long`: an hour. */
export type TokenLife = 'told' | 'silent' | 'long'

/** The person's own requests carry it, and are not recorded. */
export const PERSON_HEADER = 'x-corpus-person'
export const TOKEN_SECONDS = 14

const OF_THE_CONNECTION = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive']

export async function startRecorder({ target, replacement, tokens }: RecorderOptions): Promise<Recorder> {
  const seen: Seen[] = []
  /** When each access token ends, in milliseconds. */
  const ends = new Map<string, number>()
  let meant = 0
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request
    const asked = { method, url, body: await text(request) }
    const isPerson = request.headers[PERSON_HEADER] !== undefined
    if (!isPerson && replacement?.isMeant(asked) === true) meant++
    const replaced = !isPerson && replacement?.isMeant(asked) === true && meant === replacement.nth
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
    const ended = (ends.get(token) ?? Number.POSITIVE_INFINITY) < Date.now()
    const exchange: Seen = { ...asked, headers: writtenHeaders(request), ended, replaced, came: undefined }
    if (!isPerson) seen.push(exchange)
    if (replaced) {
      exchange.came = replacement.answer
      const { status, headers, body } = replacement.answer
      response.writeHead(status, headers as Record<string, string>).end(body)
    } else pass({ request, response, exchange, to: target(), tokens, ends })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Passing {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly exchange: Seen
  readonly to: string
  readonly tokens: TokenLife
  readonly ends: Map<string, number>
}

function pass({ request, response, exchange, to, tokens, ends }: Passing): void {
  const { authorization } = request.headers
  const headers: OutgoingHttpHeaders = {
    ...request.headers,
    ...(exchange.ended ? { authorization: spoiled(authorization ?? '') } : {}),
  }
  delete headers[PERSON_HEADER]
  const { method, url } = exchange
  const asking = httpRequest(new URL(url, to), { method, headers, agent: false }, (answer) => {
    const { statusCode: status = 502 } = answer
    const head = { status, headers: answer.headers as Came['headers'] }
    exchange.came = { ...head, body: '' }
    if (url === '/token' && tokens !== 'long')
      return void shorten(answer, response, { exchange, tokens, ends })
    response.writeHead(status, answer.headers)
    answer.on('data', (chunk: Buffer) => {
      exchange.came = { ...head, body: (exchange.came?.body ?? '') + chunk.toString() }
      response.write(chunk)
    })
    answer.on('end', () => response.end())
    answer.on('error', () => response.destroy())
  })
  asking.on('error', () => response.destroy())
  response.on('close', () => asking.destroy())
  asking.end(exchange.body)
}

/** A token answer whose token lives for TOKEN_SECONDS. */
async function shorten(
  answer: IncomingMessage,
  response: ServerResponse,
  { exchange, tokens, ends }: Pick<Passing, 'exchange' | 'tokens' | 'ends'>,
): Promise<void> {
  const members = JSON.parse(await text(answer)) as Record<string, unknown>
  if (typeof members['access_token'] === 'string') {
    ends.set(members['access_token'], Date.now() + TOKEN_SECONDS * 1_000)
    if (tokens === 'told') members['expires_in'] = TOKEN_SECONDS
  }
  const status = answer.statusCode ?? 502
  const body = JSON.stringify(members)
  exchange.came = { status, headers: answer.headers as Came['headers'], body }
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
  response.writeHead(status, headers).end(body)
}

function writtenHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const written: Record<string, string> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (!OF_THE_CONNECTION.includes(name)) written[name] = rawHeaders[index + 1] ?? ''
  }
  return written
}
