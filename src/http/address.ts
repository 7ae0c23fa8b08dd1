// The address a request came from: the socket's peer, or, when that is a trusted proxy, what it says in
// X-Forwarded-For. For limits, the audit, and the conditions of a policy that ask for it (H24, S19).
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { trimSpace } from '../core/fields.ts'
import { networkOf } from '../core/network.ts'

const MAX_HOPS = 16

/** `remote` is the address of the socket's peer. */
export type ReadAddress = (remote: string, request: IncomingMessage) => string

/** `trusted` are addresses and CIDR ranges that the configuration has checked. */
export function createAddressReader(trusted: readonly string[]): ReadAddress {
  const isTrusted = createProxyTest(trusted)
  return (remote, request) => {
    const peer = plain(remote)
    if (!isTrusted(peer)) return peer
    const header = request.headers['x-forwarded-for']
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? ''))
      .split(',')
      .map((hop) => plain(trimSpace(hop)))
    // From the right: the first hop that no trusted proxy vouches for is the client.
    for (const hop of hops.slice(-MAX_HOPS).reverse()) {
      if (isIP(hop) === 0) return peer
      if (!isTrusted(hop)) return hop
    }
    return peer
  }
}

/** Whom a connection is counted as (core/network.ts); undefined for a trusted proxy, which stands for many. */
export function createPeerNetwork(trusted: readonly string[]): (remote: string) => string | undefined {
  const isTrusted = createProxyTest(trusted)
  return (remote) => {
    const peer = plain(remote)
    return isTrusted(peer) ? undefined : networkOf(peer)
  }
}

function createProxyTest(trusted: readonly string[]): (address: string) => boolean {
  if (trusted.length === 0) return () => false
  const proxies = new BlockList()
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(bits), family)
  }
  return (address) => proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Y24: an IPv4 address mapped into IPv6 is that IPv4 address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
