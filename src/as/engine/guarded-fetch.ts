// Fetches what strangers name: client metadata documents and key sets (CIM-04, CIM-05). The name is resolved once,
// every address of it must be public, and the connection goes to one of those (A28), so that DNS rebinding (another
// answer at the second look-up) reaches nothing private. Time and bytes are bounded. All that oidc-provider fetches is
// fetched here.
import { lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { createShares, shareOf } from '../../core/shares.ts'
import { createHttpClient, type HttpClient, type HttpHead } from '../../lib/bounded-http.ts'
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
   * @param network the network of the caller
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
  const clientFor = (lookup: LookupFunction) =>
    createHttpClient({ timeoutMs: TOTAL_MS, isUnshared: true, lookup, ca: options.ca })
  const guarded = clientFor(publicLookup(options.resolve ?? resolve))
  const exempt = clientFor(plainLookup(options.resolve ?? resolve))
  const fetchOne = async (text: string, headers: Headers): Promise<Response> => {
    const client = isExempt(new URL(text), options.allowPrivateHosts) ? exempt : guarded
    return await exchange(client, text, headers.get('accept') ?? 'application/json')
  }
  return {
    async fetch(text, headers, network = '') {
      const fault = urlFault(text, options)
      if (fault !== undefined) throw new Error(`not fetched: ${fault}`)
      const leave = underWay.enter(network)
      if (leave === undefined) throw new Error('not fetched: too many documents are under way')
      return fetchOne(text, headers).finally(leave)
    },
    close: async () => void (await Promise.all([guarded.close(), exempt.close()])),
  }
}

async function exchange(client: HttpClient, url: string, accept: string): Promise<Response> {
  const outcome = await client.ask({
    ...{ url, method: 'GET', headers: { accept }, maxBytes: MAX_DOCUMENT_BYTES, fault: typeFault },
  })
  if (!outcome.ok) throw outcome.cause instanceof Error ? outcome.cause : new Error(outcome.why)
  const { status, headers, body } = outcome.answer
  return new Response(status === 200 ? body : null, {
    status,
    headers: {
      'content-type': headers.get('content-type') ?? '',
      'cache-control': headers.get('cache-control') ?? '',
    },
  })
}

function typeFault({ status, headers }: HttpHead): string | undefined {
  const isJson = JSON_TYPE.test(headers.get('content-type') ?? '')
  return status === 200 && !isJson ? 'the answer is not JSON' : undefined
}

/** A28, against DNS rebinding: the socket gets the checked addresses and no others. */
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
