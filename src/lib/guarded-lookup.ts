// Resolves names for upstream connections. Clouds serve their credentials at link-local addresses, so a name that
// resolves to one is refused whatever the configuration says (H49).
import dns from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4')
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6')

export function isForbiddenAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && FORBIDDEN.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * `dns.lookup`, which here fails with code EFORBIDDEN for a link-local answer. It checks the very address that is used.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, options, (error, address, family) => {
    const addresses = Array.isArray(address) ? address.map((entry) => entry.address) : [address]
    if (!error && addresses.some(isForbiddenAddress)) {
      const refused = Object.assign(new Error('link-local address'), { code: 'EFORBIDDEN' })
      callback(refused, address as never, family)
      return
    }
    callback(error, address as never, family)
  })
}
