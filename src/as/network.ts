// Whom a limit counts: an IPv4 address, or the network of an IPv6 address, since whoever has one of those has 2^64
// (RFC 6177 §2 gives a site no less than a /64). Addresses are shown and recorded whole; only counting folds them.

const GROUPS = 8
const NETWORK_GROUPS = 4

/** Anything that is no IPv6 address is counted as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [plain = ''] = address.split('%') // RFC 4007 §11: a zone
  const [head = '', tail] = plain.toLowerCase().split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0')
  const groups = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

/** An IPv4 address at the end stands for two groups (RFC 4291 §2.2). */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['v4', 'v4'] : [group]))
}
