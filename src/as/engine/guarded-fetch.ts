// Fetches what strangers name: client metadata documents, key sets and pictures (CIM-04, CIM-05). The name is resolved once,
// every address of it must be public, and the connection goes to one of those (A28), so that DNS rebinding (another
// answer at the second look-up) reaches nothing private. Time and bytes are bounded. All that oidc-provider fetches is
// fetched here.
import { lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { createShares, shareOf } from '../../core/shares.ts'
import { createHttpClient, type HttpAnswer, type HttpClient, type HttpHead } from '../../lib/bounded-http.ts'
import { MAX_IMAGE_BYTES } from '../../lib/raster-image.ts'
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
  /** The bytes of a picture; the same conditions. Whether they are one is for the caller to see. */
  fetchImage(url: string, network: string): Promise<Buffer>
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
  const ask = async (text: string, network: string, wanted: Wanted): Promise<HttpAnswer> => {
    const fault = urlFault(text, options)
    if (fault !== undefined) throw new Error(`not fetched: ${fault}`)
    const leave = underWay.enter(network)
    if (leave === undefined) throw new Error('not fetched: too many documents are under way')
    const client = isExempt(new URL(text), options.allowPrivateHosts) ? exempt : guarded
    return await exchange(client, text, wanted).finally(leave)
  }
  return {
    async fetch(text, headers, network = '') {
      const accept = headers.get('accept') ?? 'application/json'
      return responseOf(await ask(text, network, { accept, maxBytes: MAX_DOCUMENT_BYTES, fault: jsonFault }))
    },
    async fetchImage(text, network) {
      const { body } = await ask(text, network, IMAGE)
      return body
    },
    close: async () => void (await Promise.all([guarded.close(), exempt.close()])),
  }
}

interface Wanted {
  readonly accept: string
  readonly maxBytes: number
  /** Why the body is not read. */
  readonly fault: (head: HttpHead) => string | undefined
}

const IMAGE: Wanted = {
  accept: 'image/png, image/jpeg, image/webp, image/gif',
  maxBytes: MAX_IMAGE_BYTES,
  fault: ({ status, mediaType }) =>
    status === 200 && mediaType.startsWith('image/') ? undefined : 'the answer is no picture',
}

async function exchange(
  client: HttpClient,
  url: string,
  { accept, maxBytes, fault }: Wanted,
): Promise<HttpAnswer> {
  const outcome = await client.ask({ url, method: 'GET', headers: { accept }, maxBytes, fault })
  if (!outcome.ok) throw outcome.cause instanceof Error ? outcome.cause : new Error(outcome.why)
  return outcome.answer
}

function responseOf({ status, headers, body }: HttpAnswer): Response {
  return new Response(status === 200 ? body : null, {
    status,
    headers: {
      'content-type': headers.get('content-type') ?? '',
      'cache-control': headers.get('cache-control') ?? '',
    },
  })
}

function jsonFault({ status, headers }: HttpHead): string | undefined {
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
