// One request on a connection of its own, so that replicas and workers take turns; to the balancer, or to one replica by
// its port. It never throws: an answer that did not come whole is told as such.
import { type IncomingHttpHeaders, request } from 'node:http'

const LIMIT_MS = 20_000

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Cut {
  readonly status: 0
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object goes as JSON. */
  readonly body?: string | object
  readonly limitMs?: number
}

/** `port` is where it goes; the Host is always the one of `url`. */
export function send(
  url: string,
  port: number,
  { method = 'POST', headers = {}, body, limitMs = LIMIT_MS }: Sent = {},
): Promise<Answered | Cut> {
  const target = new URL(url)
  const payload = typeof body === 'object' ? JSON.stringify(body) : body
  const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
  const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }
  return new Promise((resolve) => {
    const cut = (why: string) => resolve({ status: 0, text: why, headers: {} })
    const outgoing = request(
      {
        ...{ host: '127.0.0.1', port, method, path: target.pathname + target.search, agent: false },
        headers: { host: target.host, ...type, ...length, ...headers },
      },
      (incoming) => {
        let text = ''
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        incoming.on('error', () => undefined)
        incoming.on('close', () => {
          if (!incoming.complete) return cut('the answer broke off')
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text })
        })
      },
    )
    const late = setTimeout(() => outgoing.destroy(new Error('no answer in time')), limitMs)
    outgoing.on('close', () => clearTimeout(late))
    outgoing.on('error', (error: Error & { readonly code?: string }) => cut(error.code ?? error.message))
    outgoing.end(payload)
  })
}

/** The JSON of an answer, or of the last event of a stream that holds a message. */
export function messageOf(text: string): Record<string, unknown> {
  const events = text.split('\n').filter((line) => line.startsWith('data: {'))
  const json = events.at(-1)?.slice('data: '.length) ?? text
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return {}
  }
}
