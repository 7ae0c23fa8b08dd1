// Whether a host is this machine. Hosts are judged by their text alone; nothing is resolved. Four questions, from the
// widest to the narrowest answer: what may be an address of this machine, what certainly is one, what stands in a Host or
// Origin field of a request to it, and where a client on it may be redirected to.
import { BlockList, isIP, isIPv4 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addSubnet('::1', 128, 'ipv6')

/** RFC 6761 §6.3: `localhost` and names below it are this machine. */
export function isLoopback(host: string): boolean {
  const bare = unbracket(host).toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true
  return isIP(bare) !== 0 && LOOPBACK.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6')
}

/**
 * Whether a host is loopback, without names below `localhost`, which some resolvers send to the network.
 * @param hostname of a URL
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

const NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** RFC 8252 §7.3, and `localhost`, since clients register it: other spellings no client needs. @param hostname of a URL */
export function isLoopbackRedirectHost(hostname: string): boolean {
  return NAMES.has(hostname)
}

/** The names that a browser sends to this machine, with any port: a rebound name has another (RFC 9110 §7.2). */
export function isLoopbackAuthority(host: string): boolean {
  return NAMES.has(host.replace(/:\d{1,5}$/, '').toLowerCase())
}

/** A page of this machine. @param origin as an Origin field has it */
export function isLoopbackOrigin(origin: string): boolean {
  const [scheme] = /^https?:\/\//i.exec(origin) ?? []
  return scheme !== undefined && isLoopbackAuthority(origin.slice(scheme.length))
}

export function unbracket(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** Where this machine reaches what listens there: an address to listen on everywhere is none to ask. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
