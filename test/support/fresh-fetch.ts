// A fetch with a connection for each request, so that workers get them by turns, to whichever port a test says. The Host is
// always the one of the URL, as behind a balancer.
import { request } from 'node:http'
import { Readable } from 'node:stream'
import type { Fetch } from '../../src/cli/demo/wire.ts'

/** The statuses of answers without a body (WHATWG Fetch §2.2.3). */
const BODILESS: readonly number[] = [101, 103, 204, 205, 304]

export function createFreshFetch(portOf: (url: URL) => number = ({ port }) => Number(port)): Fetch {
  return (input, { method = 'GET', headers, body, signal } = {}) => {
    const url = new URL(input)
    return new Promise((resolve, reject) => {
      const options = {
        ...{ host: '127.0.0.1', port: portOf(url), path: url.pathname + url.search, method, agent: false },
        headers: { host: url.host, ...Object.fromEntries(new Headers(headers)) },
        ...(signal ? { signal } : {}),
      }
      const sent = request(options, (incoming) => {
        const { statusCode: status = 0, rawHeaders } = incoming
        const told = new Headers()
        for (let at = 0; at < rawHeaders.length; at += 2)
          told.append(rawHeaders[at] as string, rawHeaders[at + 1] as string)
        const content = BODILESS.includes(status) ? null : (Readable.toWeb(incoming) as ReadableStream)
        if (content === null) incoming.resume()
        resolve(new Response(content, { status, headers: told }))
      })
      sent.on('error', reject)
      sent.end(body === undefined || body === null ? undefined : String(body))
    })
  }
}
