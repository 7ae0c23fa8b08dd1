// Whether a host name is this machine. Names are judged by their text alone; nothing is resolved.
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

/** The same without names below `localhost`: some resolvers send them to the network. @param hostname of a URL */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

export function unbracket(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
