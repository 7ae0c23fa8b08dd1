// What a host name or address in the file means: this machine, a private network, or neither. Names are judged by their
// text alone; nothing is resolved.
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { unbracket } from '../lib/loopback.ts'

/** H49: where clouds keep the credentials of the machine. */
const LINK_LOCAL = blockList(['169.254.0.0/16', 'fe80::/10'])

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}

export function isLinkLocal(host: string): boolean {
  const bare = unbracket(host)
  return isIP(bare) !== 0 && LINK_LOCAL.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6')
}

/** An address or a CIDR range whose host bits are zero. Undefined when it is neither. */
export function parseRange(text: string): { readonly address: string; readonly bits: number } | undefined {
  const match = /^([0-9a-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text)
  const address = match?.[1] ?? ''
  if (isIP(address) === 0) return undefined
  const width = isIPv6(address) ? 128 : 32
  const bits = match?.[2] === undefined ? width : Number(match[2])
  return bits <= width ? { address, bits } : undefined
}

/** Y24: `::ffff:10.0.0.1` is compared as IPv4 and has to be written so. */
export function isMappedIPv4(address: string): boolean {
  return isIPv6(address) && /^(?:0*:)*:?(?:0*:)*ffff:/i.test(address)
}
