// Writes patterns of resource URIs in the spelling of the URIs that they are compared with (uri.ts), and finds the
// other readings of a URI that a rule which refuses applies to as well. Both texts may be patterns, in which a `*`
// stays a `*`.

/** Characters that must be escaped, RFC 3986 §2. */
const ILLEGAL = /[^\w\-.~:/?#[\]@!$&'()*+,;=%]+/gu

/** Escapes of unreserved characters (RFC 3986 §2.3), which mean the same as the characters everywhere. */
const UNRESERVED = /%(?:2D|2E|3\d|[46][1-9A-F]|[57][0-9A]|5F|7E)/g

// RFC 3986 §3.3 and §3.4; `%2A` stays escaped, since a `*` would be a wildcard.
const NEEDLESS_IN_PATH = /%(?:2[146-9BC]|3[ABD]|40)/g
const NEEDLESS_IN_QUERY = /%(?:2[147-9C]|3[ABF]|40)/g

const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http', ':80'],
  ['https', ':443'],
  ['ws', ':80'],
  ['wss', ':443'],
  ['ftp', ':21'],
  ['file', ''],
])

export function canonicalPattern(text: string): string {
  const legal = text
    .normalize('NFC')
    .replace(ILLEGAL, toEscapes)
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
    .replace(/%[0-9a-f]{2}/gi, (triplet) => triplet.toUpperCase())
    .replace(UNRESERVED, fromEscape)
  const [, scheme, authority, path = '', behind = ''] = PARTS.exec(legal) ?? []
  const start = startOf(scheme?.toLowerCase(), authority?.replace(NEEDLESS_IN_PATH, fromEscape))
  return (
    start +
    pathOf(scheme, authority, path) +
    behind.replace(NEEDLESS_IN_QUERY, fromEscape).replace(/[[\]]/g, toEscapes)
  )
}

function startOf(scheme: string | undefined, authority: string | undefined): string {
  const before = scheme === undefined ? '' : `${scheme}:`
  if (authority === undefined) return before
  const port = DEFAULT_PORTS.get(scheme ?? '')
  if (port === undefined) return `${before}//${authority}`
  const host = authority.toLowerCase()
  return `${before}//${port !== '' && host.endsWith(port) ? host.slice(0, -port.length) : host}`
}

/** A URL without a path has the path of its root (RFC 9110 §4.2.3). */
function pathOf(scheme: string | undefined, authority: string | undefined, path: string): string {
  const root = path === '' && authority !== undefined && !authority.endsWith('*')
  if (root && DEFAULT_PORTS.has(scheme?.toLowerCase() ?? '')) return '/'
  return path.replace(NEEDLESS_IN_PATH, fromEscape).replace(/[[\]]/g, toEscapes)
}

function toEscapes(run: string): string {
  return Buffer.from(run).toString('hex').toUpperCase().replace(/../g, '%$&')
}

function fromEscape(triplet: string): string {
  return String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
}

/**
 * Returns the URI, and the URIs that some readers take for the same: without its fragment (RFC 3986 §3.5), without its
 * query, with one slash for several, and with its host in lower case (§3.2.2; in private schemes many readers are
 * case-sensitive).
 */
export function readingsOf(uri: string): readonly string[] {
  const [whole = uri] = uri.split('#', 1)
  const [path = uri] = whole.split('?', 1)
  const cuts = [uri, whole, path, withSingleSlashes(whole), withSingleSlashes(path)]
  return [...new Set(cuts.flatMap((reading) => [reading, withLowerHost(reading)]))]
}

function withSingleSlashes(text: string): string {
  const [path = text] = text.split('?', 1)
  const [start = ''] = /^[^:/?#]*:\/\/[^/?#]*/.exec(path) ?? []
  return start + path.slice(start.length).replace(/\/{2,}/g, '/') + text.slice(path.length)
}

export function withLowerHost(text: string): string {
  return text.replace(/^[^:/?#]*:\/\/[^/?#]*/, (start) => start.toLowerCase())
}
