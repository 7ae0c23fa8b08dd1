// Fetches what strangers name: client metadata documents and key sets (CIM-04, CIM-05). The name is resolved once,
// every address of it must be public, and the connection goes to one of those (A28). No redirects, little time, few
// bytes. Everything that oidc-provider asks of the network goes through here.
import { lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { type FetchableOptions, isExempt, isPublicAddress, urlFault } from './public-address.ts'

export interface GuardedFetchOptions extends FetchableOptions {
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
  /** `node:dns` by default. */
  readonly resolve?: typeof resolve
}

export interface GuardedFetch {
  /** Rejects when the URL, an address behind it or the answer is not acceptable. */
  fetch(url: string, headers: Headers): Promise<Response>
  close(): Promise<void>
}

const TOTAL_MS = 3_000
const MAX_DOCUMENT_BYTES = 32 * 1024
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i

export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const agentFor = (lookup: LookupFunction) =>
    new Agent({
      connect: { lookup, ca: options.ca, timeout: TOTAL_MS },
      headersTimeout: TOTAL_MS,
      bodyTimeout: TOTAL_MS,
      maxResponseSize: MAX_DOCUMENT_BYTES,
      pipelining: 0, // a connection serves one request, so its address is always one that was checked for it
    })
  const guarded = agentFor(publicLookup(options.resolve ?? resolve))
  const exempt = agentFor(options.resolve === undefined ? plainLookup(resolve) : plainLookup(options.resolve))
  return {
    async fetch(text, headers) {
      const fault = urlFault(text, options)
      if (fault !== undefined) throw new Error(`not fetched: ${fault}`)
      const dispatcher = isExempt(new URL(text), options.allowPrivateHosts) ? exempt : guarded
      const signal = AbortSignal.timeout(TOTAL_MS)
      const accept = headers.get('accept') ?? 'application/json'
      const answer = await request(text, { method: 'GET', headers: { accept }, dispatcher, signal })
      const type = String(answer.headers['content-type'] ?? '')
      if (answer.statusCode === 200 && !JSON_TYPE.test(type)) {
        answer.body.on('error', () => undefined).destroy() // what is left of it does not matter
        throw new Error('the answer is not JSON')
      }
      const body = await answer.body.text()
      const cacheControl = String(answer.headers['cache-control'] ?? '')
      return new Response(answer.statusCode === 200 ? body : null, {
        status: answer.statusCode,
        headers: { 'content-type': type, 'cache-control': cacheControl },
      })
    },
    close: async () => void (await Promise.all([guarded.destroy(), exempt.destroy()])),
  }
}

/** A28: what is checked is what is connected to, since the socket gets these addresses and no others. */
function publicLookup(from: typeof resolve): LookupFunction {
  return (hostname, options, callback) => {
    from(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new Error('the name leads to an address that is not public'), [])
      }
      const [first] = addresses
      if (options.all === true) return callback(null, addresses)
      return callback(null, first?.address ?? '', first?.family)
    })
  }
}

function plainLookup(from: typeof resolve): LookupFunction {
  return (hostname, options, callback) => from(hostname, options, callback as never)
}
