// The network that an address is counted as (G13, H3). An IPv4 address is a network of its own. Whoever has one IPv6
// address has 2^64 of them (RFC 6177), so there it is the /64. Pure; for limits only, the audit has the address itself.

const NETWORK_GROUPS = 4
const ALL_GROUPS = 8

export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [plain = ''] = address.toLowerCase().split('%') // RFC 4007 §11: a zone means something on this machine only
  const [before = '', after] = plain.split('::')
  const [first, last] = [groupsOf(before), groupsOf(after ?? '')]
  const missing = after === undefined ? 0 : Math.max(0, ALL_GROUPS - first.length - last.length)
  const groups = [...first, ...Array.from({ length: missing }, () => '0'), ...last]
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`
}

/** An IPv4 address at the end stands for two groups (RFC 4291 §2.2). */
function groupsOf(text: string): string[] {
  if (text === '') return []
  return text
    .split(':')
    .flatMap((group) => (group.includes('.') ? ['v4', 'v4'] : [group.replace(/^0+(?=.)/, '')]))
}
