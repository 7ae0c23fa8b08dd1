// Fetches what strangers name: client metadata documents and key sets (CIM-04, CIM-05). The name is resolved once,
// every address of it must be public, and the connection goes to one of those (A28). No redirects, little time, few
// bytes. Everything that oidc-provider asks of the network goes through here.
import { lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { ASK_PLAIN, CODED, isCoded, readUpTo } from '../../core/plain-answer.ts'
import { createShares, shareOf } from '../../core/shares.ts'
import { type FetchableOptions, isExempt, isPublicAddress, urlFault } from './public-address.ts'

export interface GuardedFetchOptions extends FetchableOptions {
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
  /** `node:dns` by default. */
  readonly resolve?: typeof resolve
}

export interface GuardedFetch {
  /**
   * Rejects when the URL, an address behind it or the answer is not acceptable, or too many are under way.
   * @param network of whoever asks
   */
  fetch(url: string, headers: Headers, network?: string): Promise<Response>
  close(): Promise<void>
}

const TOTAL_MS = 3_000
/** Documents and key sets that are fetched at one time, for all and for one network (A72). */
const MAX_UNDER_WAY = 64
const SHARE = 0.25
const MAX_DOCUMENT_BYTES = 32 * 1024
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i

export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const underWay = createShares({ size: MAX_UNDER_WAY, share: shareOf(MAX_UNDER_WAY, SHARE) })
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
  const fetchOne = async (text: string, headers: Headers): Promise<Response> => {
    const dispatcher = isExempt(new URL(text), options.allowPrivateHosts) ? exempt : guarded
    return await exchange(text, headers.get('accept') ?? 'application/json', dispatcher)
  }
  return {
    async fetch(text, headers, network = '') {
      const fault = urlFault(text, options)
      if (fault !== undefined) throw new Error(`not fetched: ${fault}`)
      const leave = underWay.enter(network)
      if (leave === undefined) throw new Error('not fetched: too many documents are under way')
      return fetchOne(text, headers).finally(leave)
    },
    close: async () => void (await Promise.all([guarded.destroy(), exempt.destroy()])),
  }
}

async function exchange(url: string, accept: string, dispatcher: Agent): Promise<Response> {
  const signal = AbortSignal.timeout(TOTAL_MS)
  const answer = await request(url, { headers: { accept, ...ASK_PLAIN }, dispatcher, signal })
  const { statusCode: status, headers, body } = answer
  const type = String(headers['content-type'] ?? '')
  const isForeign = status === 200 && !JSON_TYPE.test(type)
  if (isForeign || isCoded(headers['content-encoding'])) {
    body.on('error', () => undefined).destroy() // what is left of it does not matter
    throw new Error(isForeign ? 'the answer is not JSON' : CODED)
  }
  const chunks = await readUpTo(body, MAX_DOCUMENT_BYTES)
  if (chunks === undefined) throw new Error(`the answer is larger than ${MAX_DOCUMENT_BYTES} bytes`)
  return new Response(status === 200 ? Buffer.concat(chunks) : null, {
    status,
    headers: { 'content-type': type, 'cache-control': String(headers['cache-control'] ?? '') },
  })
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
