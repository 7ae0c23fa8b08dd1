// Opens a socket to an upstream: TCP or TLS, to the configured authority, and only to addresses that its name resolves
// to.
import net, { type OnReadOpts, type Socket } from 'node:net'
import tls from 'node:tls'
import { guardedLookup } from '../lib/guarded-lookup.ts'

export interface ConnectTarget {
  readonly url: URL
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
}

const READ_BYTES = 65_536
/**
 * All connections of all upstreams read into this buffer, one read at a time, so bytes that are kept must be copied.
 */
export const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BYTES)
const DEFAULT_PORT = { http: 80, https: 443 } // RFC 9110 §4.2
const KEEP_ALIVE_PROBE_MS = 60_000

/** Returns a function that opens one connection after another. */
export function createConnector({ url, ca }: ConnectTarget): (onread: OnReadOpts) => Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const port = Number(url.port) || DEFAULT_PORT[secure ? 'https' : 'http']
  const options = { host, port, lookup: guardedLookup }
  if (!secure) {
    const keepAlive = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS }
    return (onread) => net.connect({ ...options, ...keepAlive, onread })
  }
  // RFC 6066 §3: a server name must not be an IP address.
  const named = net.isIP(host) === 0 ? { servername: host } : {}
  const trusted = ca === undefined ? {} : { ca }
  let session: Buffer | undefined
  return (onread) => {
    const resumed = session === undefined ? {} : { session }
    const socket = tls.connect({
      ...{ ...options, ...named, ...trusted, ...resumed, onread },
      ALPNProtocols: ['http/1.1'],
    } as tls.ConnectionOptions)
    socket.on('session', (fresh: Buffer) => {
      session = fresh
    })
    return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_PROBE_MS)
  }
}
