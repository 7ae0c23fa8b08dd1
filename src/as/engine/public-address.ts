// Which addresses and which URLs of strangers may be fetched (CIM-05, RFC 6890; A27, A30). Everything that is special
// in any way is refused, and so is everything that means an IPv4 address in IPv6 clothes.
import { BlockList, isIP } from 'node:net'

const SPECIAL = new BlockList()
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.31.196.0', 24],
  ] as const),
  ...([
    ['192.52.193.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['192.175.48.0', 24],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ] as const),
]) {
  SPECIAL.addSubnet(network, prefix, 'ipv4')
}
const GLOBAL_IPV6 = new BlockList()
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6')
const SPECIAL_IPV6 = new BlockList()
// IETF protocols with Teredo, documentation, 6to4
for (const [network, prefix] of [
  ...([
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['2620:4f:8000::', 48],
    ['3fff::', 20],
  ] as const),
]) {
  SPECIAL_IPV6.addSubnet(network, prefix, 'ipv6')
}

/** An IP address as the resolver gives it. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !SPECIAL.check(address, 'ipv4')
  return GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6')
}

export interface FetchableOptions {
  /** Hosts, with or without a port, that are exempt from the rules on hosts and ports. */
  readonly allowPrivateHosts: readonly string[]
}

const HTTPS_PORT = ''

/** Why a URL that a stranger named is not fetched; undefined when it may be. Looks at nothing but the text. */
export function urlFault(text: string, { allowPrivateHosts }: FetchableOptions): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // Another spelling of the same URL would be another client (A27: 0x7f.1, A30: dot segments).
  if (url === undefined || url.href !== text) return 'not a URL in its plain form'
  if (url.protocol !== 'https:') return 'not https'
  if (text.includes('#') || url.username !== '' || url.password !== '') return 'has a fragment or a user name'
  if (text.endsWith('?')) return 'has an empty query'
  if (/%2e/i.test(url.pathname)) return 'has dot segments'
  if (isExempt(url, allowPrivateHosts)) return undefined
  if (url.port !== HTTPS_PORT) return 'names a port'
  return hostFault(url.hostname)
}

function hostFault(host: string): string | undefined {
  if (host.startsWith('[') || isIP(host) !== 0) return 'an address instead of a name'
  if (host.endsWith('.')) return 'a host with a dot at its end' // H9
  if (!host.includes('.') || host.endsWith('.localhost')) return 'a name of this machine or network'
  return undefined
}

export function isExempt(url: URL, allowPrivateHosts: readonly string[]): boolean {
  return allowPrivateHosts.includes(url.host) || allowPrivateHosts.includes(url.hostname)
}

/** CIMD §3: a client id is a URL with a path. */
export function clientIdFault(text: string, options: FetchableOptions): string | undefined {
  return urlFault(text, options) ?? (new URL(text).pathname === '/' ? 'has no path' : undefined)
}
