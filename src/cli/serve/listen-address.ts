// Where a gateway listens for what clients type, and which proxy it believes, when nobody says it. Only proposes: the
// checks of the file judge what comes of it.
import { isIP } from 'node:net'
import { isLoopback, unbracket } from '../../lib/loopback.ts'

export const DEFAULT_LISTEN = '127.0.0.1:8080'
/** Of the admin port, in a file. */
export const DEFAULT_ADMIN = '127.0.0.1:9090'
/** For a proxy of this machine that has the usual port itself. */
const OTHER_LISTEN = '127.0.0.1:8081'
const THIS_MACHINE = '127.0.0.1'

/** Whoever types a plain address of this machine reaches the gateway itself; https is ended by a proxy, which passes on. */
function listenFor(publicUrl: string): string {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined
  if (url === undefined || !isLoopback(url.hostname)) return DEFAULT_LISTEN
  if (url.protocol === 'https:') return url.port === '8080' ? OTHER_LISTEN : DEFAULT_LISTEN
  // Names such as localhost may be [::1] as well; clients try both addresses.
  const host = isIP(unbracket(url.hostname)) === 0 ? THIS_MACHINE : url.hostname
  return `${host}:${url.port || '80'}`
}

/** A proxy that reaches a loopback address is on this machine; one elsewhere has to be named. */
function proxiesFor(publicUrl: string, listen: string): readonly string[] {
  const host = unbracket(listen.replace(/:\d*$/, ''))
  return publicUrl.startsWith('https:') && isLoopback(host) ? [host.includes(':') ? host : THIS_MACHINE] : []
}

/** How clients and proxies reach a gateway, as far as a person said it. */
export interface SaidReach {
  readonly 'public-url'?: string | undefined
  readonly listen?: string | undefined
  /** Each with commas between addresses and ranges. */
  readonly 'trusted-proxies'?: readonly string[] | undefined
}

export interface Reach {
  readonly publicUrl: string
  /** `127.0.0.1:8080` */
  readonly listen: string
  readonly trustedProxies: readonly string[]
}

/** The rest follows from what was said. */
export function reachFromOptions(said: SaidReach): Reach {
  const typed = said['public-url']
  const listen = said.listen ?? (typed === undefined ? DEFAULT_LISTEN : listenFor(typed))
  const publicUrl = typed ?? `http://${listen}`
  const proxies = said['trusted-proxies']?.flatMap((list) => list.split(',')).map((one) => one.trim())
  return { publicUrl, listen, trustedProxies: proxies ?? proxiesFor(publicUrl, listen) }
}
