// Says which resource URIs policy judges at all. Each resource has one spelling (RFC 3986 §6.2, and what URL parsers
// would write). Every other spelling is refused, whatever the rules say, so that no server takes it for a resource that
// a rule protects (M52; docs/decisions.md, 14). This file normalises nothing; uri-pattern.ts normalises patterns.

/** In UTF-16 code units. RFC 9110 §4.1 asks recipients to accept 8,000 octets. */
const MAX_URI_LENGTH = 8_192

/** The characters of RFC 3986 §2. Everything else is escaped. */
const LEGAL = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/

/** A `.` or `..` segment, also where `?`, `#` or path parameters (`;`) end it, or spaces stand with it. RFC 3986 §5.2.4 */
const DOT_SEGMENT = /(?:^|[/:])(?:%20)*\.{1,2}(?:%20)*(?:$|[/?#;])/

/**
 * Escapes that are refused: not two capital hex digits; an unreserved character (RFC 3986 §2.3); a slash or backslash,
 * which some readers take for a separator; NUL, which some take for the end.
 */
const NEEDLESS = /%(?![0-9A-F]{2})|%(?:00|2[DEF]|3\d|[46][1-9A-F]|[57][0-9A]|5[CF]|7E)/

/** Needless escapes in a path (RFC 3986 §3.3) or an authority: sub-delims, `:` and `@`. */
const NEEDLESS_IN_PATH = /%(?:2[146-9A-C]|3[ABD]|40)/

/**
 * Needless escapes in a query (§3.4): `&` and `=` have a meaning there, `?` may stand raw, and some readers take a raw
 * `+` for a space.
 */
const NEEDLESS_IN_QUERY = /\+|%(?:2[147-9AC]|3[ABF]|40)/

/** The parts of a URI, by RFC 3986 appendix B. */
const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/

/** Schemes whose authority every URL parser rewrites (WHATWG URL, special schemes). */
const SPECIAL = /^(?:https?|wss?|ftp|file)$/

const EXPRESSION = /\{[^{}]*\}/g

export function isJudgeableUri(uri: string): boolean {
  return uri.length <= MAX_URI_LENGTH && isOneSpelling(uri, false)
}

/**
 * A template represents its expansions, which are judged when they are read. Here each value is judged as if it were a
 * letter.
 */
export function isJudgeableTemplate(template: string): boolean {
  return template.length <= MAX_URI_LENGTH && isOneSpelling(template.replace(EXPRESSION, 'x'), true)
}

function isOneSpelling(uri: string, template: boolean): boolean {
  if (!LEGAL.test(uri) || DOT_SEGMENT.test(uri) || NEEDLESS.test(uri) || !isPlainText(uri)) return false
  const [, scheme, authority, path = '', query, fragment] = PARTS.exec(uri) ?? []
  if (!isPlainBehind(path, query, fragment) || !isPlainAuthority(authority ?? '')) return false
  if (scheme === undefined) return true
  return !/[A-Z]/.test(scheme) && isAsParsed(uri, { scheme, authority, path }, template)
}

/** Brackets may stand in an authority only (RFC 3986 §3.2.2). */
function isPlainBehind(path: string, query: string | undefined, fragment: string | undefined): boolean {
  const rest = path + (fragment ?? '')
  if (fragment === '' || /[[\]]/.test(rest + (query ?? ''))) return false
  return !NEEDLESS_IN_PATH.test(rest) && (query === undefined || isPlainQuery(query))
}

/** Refuses empty pairs. The first `=` of a pair ends its name; a later one needs no escape. */
function isPlainQuery(query: string): boolean {
  if (NEEDLESS_IN_QUERY.test(query)) return false
  return query.split('&').every((pair) => {
    const name = pair.indexOf('=')
    return pair !== '' && (name === -1 || !pair.includes('%3D', name))
  })
}

/** RFC 3986 §3.2: refuses a user, an empty port, and a port with a needless zero. */
function isPlainAuthority(authority: string): boolean {
  return !/@|:(?:0\d*)?$/.test(authority) && !NEEDLESS_IN_PATH.test(authority)
}

interface Parts {
  readonly scheme: string
  readonly authority: string | undefined
  readonly path: string
}

/**
 * Whether the URI is as a parser would write it: the case of its host, its port, the form of its address, its slashes.
 */
function isAsParsed(uri: string, { scheme, authority, path }: Parts, template: boolean): boolean {
  const url = URL.parse(uri)
  const special = SPECIAL.test(scheme)
  if (url === null) return !special || template // a value of the template may be the port
  const rooted = authority !== undefined
  if ((rooted ? `//${authority}${path}` : path) !== (rooted ? `//${url.host}` : '') + url.pathname)
    return false
  if (special && (!rooted || url.hostname.endsWith('.'))) return false
  // A file system takes two slashes for one.
  return scheme !== 'file' || !path.includes('//')
}

/** RFC 3629, and NFC: some readers change bytes that are not UTF-8, and decomposed letters. */
function isPlainText(uri: string): boolean {
  if (!/%[89A-F]/.test(uri)) return true
  const bytes = uri.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const text = Buffer.from(bytes, 'latin1').toString()
  return !text.includes('\ufffd') && text.normalize('NFC') === text
}

/** Returns the literal prefix before the first `{`; undefined for a plain URI (RFC 6570 §2). */
export function templatePrefix(template: string): string | undefined {
  const brace = template.indexOf('{')
  return brace === -1 ? undefined : template.slice(0, brace)
}
